mock_provider "aws" {
  mock_resource "aws_kms_key" {
    defaults        = { arn = "arn:aws:kms:eu-west-1:111111111111:key/11111111-2222-3333-4444-555555555555" }
    override_during = plan
  }
}

variables {
  project             = "acme-ml"
  account_id          = "111111111111"
  registry_account_id = "222222222222"
  region              = "eu-west-1"
  external_id         = "acme-ml-jenkins"
  jenkins_role_name   = "jenkins-role"
  build_role_name     = "jenkins-build-role"
  artifact_bucket     = "acme-ml-model-artifacts"
}

run "jenkins_and_nobody_else_becomes_the_build_role" {
  command = plan

  assert {
    condition = jsondecode(aws_iam_role.this.assume_role_policy).Statement == [
      {
        Sid       = "Jenkins"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:root" }
        Action    = "sts:AssumeRole"
        Condition = {
          ArnEquals    = { "aws:PrincipalArn" = "arn:aws:iam::111111111111:role/jenkins-role" }
          StringEquals = { "sts:ExternalId" = "acme-ml-jenkins" }
        }
      },
    ]
    error_message = "The policy must hold these statements and no others."
  }

  assert {
    condition     = [aws_iam_role.this.name, aws_iam_role.this.max_session_duration] == ["jenkins-build-role", 3600]
    error_message = "The role must have its name, and short sessions."
  }
}

run "the_build_role_and_nobody_else_signs" {
  command = plan

  assert {
    condition = jsondecode(aws_kms_key.this.policy).Statement == [
      {
        Sid       = "AccountPoliciesDecide"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "OnlyTheBuildRoleSigns"
        Effect    = "Deny"
        Principal = "*"
        Action    = "kms:Sign"
        Resource  = "*"
        Condition = { ArnNotEquals = { "aws:PrincipalArn" = "arn:aws:iam::111111111111:role/jenkins-build-role" } }
      },
    ]
    error_message = "The policy must hold these statements and no others."
  }

  assert {
    condition     = [aws_kms_key.this.customer_master_key_spec, aws_kms_key.this.key_usage, aws_kms_alias.this.name] == ["ECC_NIST_P256", "SIGN_VERIFY", "alias/acme-ml-release-signing"]
    error_message = "The key signs on the curve P-256, and is found by its alias."
  }
}

run "the_build_role_signs_and_writes_releases" {
  command = plan

  assert {
    condition = jsondecode(aws_iam_role_policy.this.policy).Statement == [
      {
        Sid      = "SignReleases"
        Effect   = "Allow"
        Action   = ["kms:GetPublicKey", "kms:Sign"]
        Resource = "arn:aws:kms:eu-west-1:111111111111:key/11111111-2222-3333-4444-555555555555"
      },
      {
        Sid      = "PublishReleases"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:PutObject"]
        Resource = "arn:aws:s3:::acme-ml-model-artifacts/releases/*"
      },
      {
        Sid       = "FindReleases"
        Effect    = "Allow"
        Action    = "s3:ListBucket"
        Resource  = "arn:aws:s3:::acme-ml-model-artifacts"
        Condition = { StringLike = { "s3:prefix" = "releases/*" } }
      },
      {
        Sid       = "EncryptReleases"
        Effect    = "Allow"
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = "arn:aws:kms:eu-west-1:222222222222:key/*"
        Condition = { StringEquals = { "kms:ViaService" = "s3.eu-west-1.amazonaws.com" } }
      },
    ]
    error_message = "The policy must hold these statements and no others."
  }
}
