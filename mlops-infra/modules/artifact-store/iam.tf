locals {
  bucket_arn = "arn:aws:s3:::${var.bucket_name}"

  # Accounts are the principals and roles stand in conditions: S3 refuses a policy that names a
  # role which does not exist yet, and accounts are applied in any order.
  account_roots   = [for account_id in values(var.workload_accounts) : "arn:aws:iam::${account_id}:root"]
  execution_roles = { for name, account_id in var.workload_accounts : name => "arn:aws:iam::${account_id}:role/${var.execution_role_name}-*" }
  resolver_roles  = { for name, account_id in var.workload_accounts : name => "arn:aws:iam::${account_id}:role/${var.lambda_role_name}-resolve-model" }
  readers         = concat(values(local.execution_roles), values(local.resolver_roles))

  write_statements = [
    for name, account_id in var.workload_accounts : {
      Sid       = "WriteOwnPrefix${replace(title(name), "/[^A-Za-z0-9]/", "")}"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::${account_id}:root" }
      Action    = ["s3:PutObject", "s3:AbortMultipartUpload"]
      Resource  = "${local.bucket_arn}/${name}/*"
      Condition = { ArnLike = { "aws:PrincipalArn" = local.execution_roles[name] } }
    }
  ]

  read_statements = length(var.workload_accounts) == 0 ? [] : [
    {
      Sid       = "ReadWhatWasRegistered"
      Effect    = "Allow"
      Principal = { AWS = local.account_roots }
      Action    = "s3:GetObject"
      Resource  = "${local.bucket_arn}/*"
      Condition = { ArnLike = { "aws:PrincipalArn" = local.readers } }
    },
    {
      # Without it a missing object answers 403 instead of 404, and nobody can tell which it is.
      Sid       = "List"
      Effect    = "Allow"
      Principal = { AWS = local.account_roots }
      Action    = "s3:ListBucket"
      Resource  = local.bucket_arn
      Condition = { ArnLike = { "aws:PrincipalArn" = local.readers } }
    },
  ]

  statements = concat(
    [
      {
        Sid       = "DenyPlainHttp"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [local.bucket_arn, "${local.bucket_arn}/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ],
    local.write_statements,
    local.read_statements,
  )
}
