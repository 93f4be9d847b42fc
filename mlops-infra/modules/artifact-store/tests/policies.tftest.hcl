mock_provider "aws" {}

variables {
  bucket_name             = "acme-ml-model-artifacts"
  kms_key_arn             = "arn:aws:kms:eu-west-1:444444444444:key/11111111-2222-3333-4444-555555555555"
  noncurrent_version_days = 1
  workload_accounts       = { dev = "333333333333", prod = "444444444444" }
  execution_role_name     = "sagemaker-execution-role"
  lambda_role_name        = "lambda-sagemaker-role"
}

run "environments_write_their_own_prefix_and_read_all" {
  command = plan

  assert {
    condition = jsondecode(aws_s3_bucket_policy.this.policy).Statement == [
      {
        Sid       = "DenyPlainHttp"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = ["arn:aws:s3:::acme-ml-model-artifacts", "arn:aws:s3:::acme-ml-model-artifacts/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
      {
        Sid       = "WriteOwnPrefixDev"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::333333333333:root" }
        Action    = ["s3:PutObject", "s3:AbortMultipartUpload"]
        Resource  = "arn:aws:s3:::acme-ml-model-artifacts/dev/*"
        Condition = { ArnLike = { "aws:PrincipalArn" = "arn:aws:iam::333333333333:role/sagemaker-execution-role-*" } }
      },
      {
        Sid       = "WriteOwnPrefixProd"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::444444444444:root" }
        Action    = ["s3:PutObject", "s3:AbortMultipartUpload"]
        Resource  = "arn:aws:s3:::acme-ml-model-artifacts/prod/*"
        Condition = { ArnLike = { "aws:PrincipalArn" = "arn:aws:iam::444444444444:role/sagemaker-execution-role-*" } }
      },
      {
        Sid       = "ReadWhatWasRegistered"
        Effect    = "Allow"
        Principal = { AWS = ["arn:aws:iam::333333333333:root", "arn:aws:iam::444444444444:root"] }
        Action    = "s3:GetObject"
        Resource  = "arn:aws:s3:::acme-ml-model-artifacts/*"
        Condition = { ArnLike = { "aws:PrincipalArn" = [
          "arn:aws:iam::333333333333:role/sagemaker-execution-role-*",
          "arn:aws:iam::444444444444:role/sagemaker-execution-role-*",
          "arn:aws:iam::333333333333:role/lambda-sagemaker-role-resolve-model",
          "arn:aws:iam::444444444444:role/lambda-sagemaker-role-resolve-model",
        ] } }
      },
      {
        Sid       = "List"
        Effect    = "Allow"
        Principal = { AWS = ["arn:aws:iam::333333333333:root", "arn:aws:iam::444444444444:root"] }
        Action    = "s3:ListBucket"
        Resource  = "arn:aws:s3:::acme-ml-model-artifacts"
        Condition = { ArnLike = { "aws:PrincipalArn" = [
          "arn:aws:iam::333333333333:role/sagemaker-execution-role-*",
          "arn:aws:iam::444444444444:role/sagemaker-execution-role-*",
          "arn:aws:iam::333333333333:role/lambda-sagemaker-role-resolve-model",
          "arn:aws:iam::444444444444:role/lambda-sagemaker-role-resolve-model",
        ] } }
      },
    ]
    error_message = "The policy must hold these statements and no others."
  }

  assert {
    condition     = alltrue([aws_s3_bucket_public_access_block.this.block_public_acls, aws_s3_bucket_public_access_block.this.block_public_policy, aws_s3_bucket_public_access_block.this.ignore_public_acls, aws_s3_bucket_public_access_block.this.restrict_public_buckets])
    error_message = "All four kinds of public access must be blocked."
  }

  assert {
    condition     = aws_s3_bucket_versioning.this.versioning_configuration[0].status == "Enabled"
    error_message = "The bucket must be versioned."
  }

  assert {
    condition     = one([for rule in aws_s3_bucket_server_side_encryption_configuration.this.rule : rule.apply_server_side_encryption_by_default[0].sse_algorithm]) == "aws:kms"
    error_message = "The bucket must be encrypted with aws:kms."
  }
}

run "nobody_without_workload_accounts" {
  command = plan

  variables {
    workload_accounts = {}
  }

  assert {
    condition = jsondecode(aws_s3_bucket_policy.this.policy).Statement == [
      {
        Sid       = "DenyPlainHttp"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = ["arn:aws:s3:::acme-ml-model-artifacts", "arn:aws:s3:::acme-ml-model-artifacts/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
    error_message = "The policy must hold these statements and no others."
  }
}
