locals {
  build_role_arn = "arn:aws:iam::${var.account_id}:role/${var.build_role_name}"
  bucket_arn     = "arn:aws:s3:::${var.artifact_bucket}"

  key_statements = [
    {
      # Without it no IAM policy of the account could grant the key's use, and the key could become
      # unmanageable. Resource "*" in a key policy means this key only.
      # https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
      Sid       = "AccountPoliciesDecide"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::${var.account_id}:root" }
      Action    = "kms:*"
      Resource  = "*"
    },
    {
      # Whatever other policies and grants say, administrators' too.
      Sid       = "OnlyTheBuildRoleSigns"
      Effect    = "Deny"
      Principal = "*"
      Action    = "kms:Sign"
      Resource  = "*"
      Condition = { ArnNotEquals = { "aws:PrincipalArn" = local.build_role_arn } }
    },
  ]

  role_statements = [
    {
      Sid      = "SignReleases"
      Effect   = "Allow"
      Action   = ["kms:GetPublicKey", "kms:Sign"]
      Resource = aws_kms_key.this.arn
    },
    {
      Sid      = "PublishReleases"
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject"]
      Resource = "${local.bucket_arn}/releases/*"
    },
    {
      Sid       = "FindReleases"
      Effect    = "Allow"
      Action    = "s3:ListBucket"
      Resource  = local.bucket_arn
      Condition = { StringLike = { "s3:prefix" = "releases/*" } }
    },
    {
      # The bucket's key, which has a random name; its policy lets this role in through S3.
      Sid       = "EncryptReleases"
      Effect    = "Allow"
      Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource  = "arn:aws:kms:${var.region}:${var.registry_account_id}:key/*"
      Condition = { StringEquals = { "kms:ViaService" = "s3.${var.region}.amazonaws.com" } }
    },
  ]
}
