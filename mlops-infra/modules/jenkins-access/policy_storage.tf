# Buckets of the account and the keys that encrypt them.
locals {
  bucket_statements = [
    {
      Sid    = "ManageBuckets"
      Effect = "Allow"
      Action = [
        "s3:CreateBucket", "s3:DeleteBucket", "s3:DeleteBucketPolicy", "s3:GetAccelerateConfiguration", "s3:GetBucketAcl",
        "s3:GetBucketCORS", "s3:GetBucketLogging", "s3:GetBucketObjectLockConfiguration", "s3:GetBucketPolicy",
        "s3:GetBucketPublicAccessBlock", "s3:GetBucketRequestPayment", "s3:GetBucketTagging", "s3:GetBucketVersioning",
        "s3:GetBucketWebsite", "s3:GetEncryptionConfiguration", "s3:GetLifecycleConfiguration",
        "s3:GetReplicationConfiguration", "s3:ListBucket", "s3:PutBucketPolicy", "s3:PutBucketPublicAccessBlock",
        "s3:PutBucketTagging", "s3:PutBucketVersioning", "s3:PutEncryptionConfiguration", "s3:PutLifecycleConfiguration",
      ]
      Resource = local.bucket_arns
    },
  ]

  key_statements = [
    {
      # A key that does not exist has no ARN: the tag it must be born with is the finer grain.
      Sid       = "CreateKeys"
      Effect    = "Allow"
      Action    = ["kms:CreateKey", "kms:TagResource"]
      Resource  = "*"
      Condition = { StringEquals = { "aws:RequestTag/Project" = var.project } }
    },
    {
      Sid    = "ManageKeys"
      Effect = "Allow"
      Action = [
        "kms:CreateAlias", "kms:DeleteAlias", "kms:DescribeKey", "kms:EnableKeyRotation", "kms:GetKeyPolicy",
        "kms:GetKeyRotationStatus", "kms:ListResourceTags", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion",
        "kms:UpdateAlias", "kms:UpdateKeyDescription",
      ]
      Resource  = "arn:aws:kms:${var.region}:${var.account_id}:key/*"
      Condition = { StringEquals = { "aws:ResourceTag/Project" = var.project } }
    },
    {
      Sid      = "ManageAliases"
      Effect   = "Allow"
      Action   = ["kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"]
      Resource = "arn:aws:kms:${var.region}:${var.account_id}:alias/${var.project}-*"
    },
    {
      # kms:ListAliases has no resource-level permission.
      Sid      = "FindAliases"
      Effect   = "Allow"
      Action   = "kms:ListAliases"
      Resource = "*"
    },
  ]
}
