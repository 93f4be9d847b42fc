# The account's bucket for artifacts or data: its settings, not what lies in it. The buckets for the
# state and for access logs are the administrator's.
locals {
  bucket_arns = [for purpose, name in var.buckets : "arn:aws:s3:::${name}" if purpose == lookup({ registry = "artifacts", workload = "data" }, var.kind, "")]

  # What Terraform's provider asks of every bucket that it refreshes.
  bucket_read_actions = [
    "s3:GetAccelerateConfiguration", "s3:GetBucketAcl", "s3:GetBucketCORS", "s3:GetBucketLogging",
    "s3:GetBucketObjectLockConfiguration", "s3:GetBucketOwnershipControls", "s3:GetBucketPolicy",
    "s3:GetBucketPublicAccessBlock", "s3:GetBucketRequestPayment", "s3:GetBucketTagging", "s3:GetBucketVersioning",
    "s3:GetBucketWebsite", "s3:GetEncryptionConfiguration", "s3:GetLifecycleConfiguration",
    "s3:GetReplicationConfiguration", "s3:ListBucket",
  ]

  storage_read = [
    {
      Sid      = "ReadBuckets"
      Effect   = "Allow"
      Action   = local.bucket_read_actions
      Resource = local.bucket_arns
    },
  ]

  storage_change = [
    {
      Sid    = "ManageBuckets"
      Effect = "Allow"
      Action = [
        "s3:CreateBucket", "s3:DeleteBucket", "s3:DeleteBucketPolicy", "s3:PutBucketLogging", "s3:PutBucketOwnershipControls",
        "s3:PutBucketPolicy", "s3:PutBucketPublicAccessBlock", "s3:PutBucketTagging",
        "s3:PutBucketVersioning", "s3:PutEncryptionConfiguration", "s3:PutLifecycleConfiguration",
      ]
      Resource = local.bucket_arns
    },
  ]
}
