mock_provider "aws" {}

variables {
  alias       = "acme-ml-dev"
  description = "Encrypts the data of acme-ml-dev"
  account_id  = "444444444444"
  region      = "eu-west-1"
  users = {
    prod = { account_id = "333333333333", roles = ["sagemaker-execution-role-mammography"], access = "read" }
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
      dev        = { account_id = "333333333333", roles = ["sagemaker-execution-role-credit", "sagemaker-execution-role-mammography"], access = "read-write" }
      staging-eu = { account_id = "555555555555", roles = ["lambda-sagemaker-role-resolve-model"], access = "read" }
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
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = "*"
        Condition = {
          ArnEquals    = { "aws:PrincipalArn" = ["arn:aws:iam::333333333333:role/sagemaker-execution-role-credit", "arn:aws:iam::333333333333:role/sagemaker-execution-role-mammography"] }
          StringEquals = { "kms:ViaService" = "s3.eu-west-1.amazonaws.com" }
        }
      },
      {
        Sid       = "UseFromStagingEu"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::555555555555:root" }
        Action    = ["kms:Decrypt"]
        Resource  = "*"
        Condition = {
          ArnEquals    = { "aws:PrincipalArn" = ["arn:aws:iam::555555555555:role/lambda-sagemaker-role-resolve-model"] }
          StringEquals = { "kms:ViaService" = "s3.eu-west-1.amazonaws.com" }
        }
      },
    ]
    error_message = "The policy must hold these statements and no others."
  }
}

run "no_other_account_manages_the_key_or_passes_it_on" {
  command = plan

  assert {
    condition     = alltrue([for statement in slice(jsondecode(aws_kms_key.this.policy).Statement, 1, 2) : !strcontains(jsonencode(statement.Action), "*") && !strcontains(jsonencode(statement.Action), "Grant")])
    error_message = "Only the account's own statement may hold more than reading and writing through S3."
  }

  assert {
    condition     = aws_kms_key.this.deletion_window_in_days == 30
    error_message = "A key scheduled for deletion must stay recoverable for 30 days."
  }
}
