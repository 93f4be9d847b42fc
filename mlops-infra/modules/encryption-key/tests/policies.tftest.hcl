mock_provider "aws" {}

variables {
  alias       = "acme-ml-dev"
  description = "Encrypts the data of acme-ml-dev"
  account_id  = "444444444444"
  region      = "eu-west-1"
  users = {
    prod = { account_id = "444444444444", roles = ["sagemaker-execution-role-*"], access = "read" }
  }
}

run "nobody_else_by_default" {
  command = plan

  variables {
    users = {}
  }

  assert {
    condition = jsondecode(aws_kms_key.this.policy).Statement == [
      {
        Sid       = "AccountPoliciesDecide"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::444444444444:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
    ]
    error_message = "The policy must hold these statements and no others."
  }

  assert {
    condition     = aws_kms_key.this.enable_key_rotation
    error_message = "The key must rotate."
  }
}

run "readers_decrypt_and_writers_also_encrypt" {
  command = plan

  variables {
    users = {
      dev        = { account_id = "333333333333", roles = ["sagemaker-execution-role-*"], access = "read-write" }
      staging-eu = { account_id = "555555555555", roles = ["sagemaker-execution-role-*"], access = "read" }
    }
  }

  assert {
    condition = jsondecode(aws_kms_key.this.policy).Statement == [
      {
        Sid       = "AccountPoliciesDecide"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::444444444444:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "UseFromDev"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::333333333333:root" }
        Action    = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"]
        Resource  = "*"
        Condition = {
          ArnLike      = { "aws:PrincipalArn" = ["arn:aws:iam::333333333333:role/sagemaker-execution-role-*"] }
          StringEquals = { "kms:ViaService" = "s3.eu-west-1.amazonaws.com" }
        }
      },
      {
        Sid       = "UseFromStagingEu"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::555555555555:root" }
        Action    = ["kms:Decrypt", "kms:DescribeKey"]
        Resource  = "*"
        Condition = {
          ArnLike      = { "aws:PrincipalArn" = ["arn:aws:iam::555555555555:role/sagemaker-execution-role-*"] }
          StringEquals = { "kms:ViaService" = "s3.eu-west-1.amazonaws.com" }
        }
      },
    ]
    error_message = "The policy must hold these statements and no others."
  }
}
