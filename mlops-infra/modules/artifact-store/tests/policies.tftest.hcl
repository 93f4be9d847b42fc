mock_provider "aws" {}

variables {
  bucket_name         = "acme-ml-model-artifacts"
  kms_key_arn         = "arn:aws:kms:eu-west-1:222222222222:key/11111111-2222-3333-4444-555555555555"
  log_bucket          = "acme-ml-registry-logs"
  workload_accounts   = { dev = "333333333333", prod = "444444444444" }
  serves_models_of    = { prod = ["dev"] }
  use_cases           = ["mammography", "credit"]
  execution_role_name = "sagemaker-execution-role"
  lambda_role_name    = "lambda-sagemaker-role"
  deploy_role_name    = "cross-account-jenkins-role"
  build_role_arn      = "arn:aws:iam::111111111111:role/jenkins-build-role"
}

run "each_role_writes_its_own_prefix_and_prod_reads_what_dev_registered" {
  command = plan

  assert {
    condition = jsondecode(output.policy).Statement == [
      {
        Sid       = "DenyPlainHttp"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = ["arn:aws:s3:::acme-ml-model-artifacts", "arn:aws:s3:::acme-ml-model-artifacts/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
      {
        Sid       = "ReadAndWriteDevCredit"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::333333333333:root" }
        Action    = ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"]
        Resource  = "arn:aws:s3:::acme-ml-model-artifacts/dev/credit/*"
        Condition = { ArnEquals = { "aws:PrincipalArn" = "arn:aws:iam::333333333333:role/sagemaker-execution-role-credit" } }
      },
      {
        Sid       = "ReadAndWriteDevMammography"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::333333333333:root" }
        Action    = ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"]
        Resource  = "arn:aws:s3:::acme-ml-model-artifacts/dev/mammography/*"
        Condition = { ArnEquals = { "aws:PrincipalArn" = "arn:aws:iam::333333333333:role/sagemaker-execution-role-mammography" } }
      },
      {
        Sid       = "ReadAndWriteProdCredit"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::444444444444:root" }
        Action    = ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"]
        Resource  = "arn:aws:s3:::acme-ml-model-artifacts/prod/credit/*"
        Condition = { ArnEquals = { "aws:PrincipalArn" = "arn:aws:iam::444444444444:role/sagemaker-execution-role-credit" } }
      },
      {
        Sid       = "ReadAndWriteProdMammography"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::444444444444:root" }
        Action    = ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"]
        Resource  = "arn:aws:s3:::acme-ml-model-artifacts/prod/mammography/*"
        Condition = { ArnEquals = { "aws:PrincipalArn" = "arn:aws:iam::444444444444:role/sagemaker-execution-role-mammography" } }
      },
      {
        Sid       = "ReadServedByProdCredit"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::444444444444:root" }
        Action    = "s3:GetObject"
        Resource  = ["arn:aws:s3:::acme-ml-model-artifacts/dev/credit/*"]
        Condition = { ArnEquals = { "aws:PrincipalArn" = "arn:aws:iam::444444444444:role/sagemaker-execution-role-credit" } }
      },
      {
        Sid       = "ReadServedByProdMammography"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::444444444444:root" }
        Action    = "s3:GetObject"
        Resource  = ["arn:aws:s3:::acme-ml-model-artifacts/dev/mammography/*"]
        Condition = { ArnEquals = { "aws:PrincipalArn" = "arn:aws:iam::444444444444:role/sagemaker-execution-role-mammography" } }
      },
      {
        Sid       = "ListDevCredit"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::333333333333:root" }
        Action    = "s3:ListBucket"
        Resource  = "arn:aws:s3:::acme-ml-model-artifacts"
        Condition = {
          ArnEquals  = { "aws:PrincipalArn" = "arn:aws:iam::333333333333:role/sagemaker-execution-role-credit" }
          StringLike = { "s3:prefix" = ["dev/credit/*"] }
        }
      },
      {
        Sid       = "ListDevMammography"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::333333333333:root" }
        Action    = "s3:ListBucket"
        Resource  = "arn:aws:s3:::acme-ml-model-artifacts"
        Condition = {
          ArnEquals  = { "aws:PrincipalArn" = "arn:aws:iam::333333333333:role/sagemaker-execution-role-mammography" }
          StringLike = { "s3:prefix" = ["dev/mammography/*"] }
        }
      },
      {
        Sid       = "ListProdCredit"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::444444444444:root" }
        Action    = "s3:ListBucket"
        Resource  = "arn:aws:s3:::acme-ml-model-artifacts"
        Condition = {
          ArnEquals  = { "aws:PrincipalArn" = "arn:aws:iam::444444444444:role/sagemaker-execution-role-credit" }
          StringLike = { "s3:prefix" = ["dev/credit/*", "prod/credit/*"] }
        }
      },
      {
        Sid       = "ListProdMammography"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::444444444444:root" }
        Action    = "s3:ListBucket"
        Resource  = "arn:aws:s3:::acme-ml-model-artifacts"
        Condition = {
          ArnEquals  = { "aws:PrincipalArn" = "arn:aws:iam::444444444444:role/sagemaker-execution-role-mammography" }
          StringLike = { "s3:prefix" = ["dev/mammography/*", "prod/mammography/*"] }
        }
      },
      {
        Sid       = "CheckArtifactsDev"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::333333333333:root" }
        Action    = "s3:GetObject"
        Resource  = ["arn:aws:s3:::acme-ml-model-artifacts/dev/*"]
        Condition = { ArnEquals = { "aws:PrincipalArn" = "arn:aws:iam::333333333333:role/lambda-sagemaker-role-resolve-model" } }
      },
      {
        Sid       = "CheckArtifactsProd"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::444444444444:root" }
        Action    = "s3:GetObject"
        Resource  = ["arn:aws:s3:::acme-ml-model-artifacts/dev/*", "arn:aws:s3:::acme-ml-model-artifacts/prod/*"]
        Condition = { ArnEquals = { "aws:PrincipalArn" = "arn:aws:iam::444444444444:role/lambda-sagemaker-role-resolve-model" } }
      },
      {
        Sid       = "TellMissingArtifactsDev"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::333333333333:root" }
        Action    = "s3:ListBucket"
        Resource  = "arn:aws:s3:::acme-ml-model-artifacts"
        Condition = { ArnEquals = { "aws:PrincipalArn" = "arn:aws:iam::333333333333:role/lambda-sagemaker-role-resolve-model" } }
      },
      {
        Sid       = "TellMissingArtifactsProd"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::444444444444:root" }
        Action    = "s3:ListBucket"
        Resource  = "arn:aws:s3:::acme-ml-model-artifacts"
        Condition = { ArnEquals = { "aws:PrincipalArn" = "arn:aws:iam::444444444444:role/lambda-sagemaker-role-resolve-model" } }
      },
      {
        Sid       = "ReadMetricsOfDev"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::333333333333:root" }
        Action    = "s3:GetObject"
        Resource  = "arn:aws:s3:::acme-ml-model-artifacts/dev/*"
        Condition = { ArnEquals = { "aws:PrincipalArn" = "arn:aws:iam::333333333333:role/lambda-sagemaker-role-record-execution" } }
      },
      {
        Sid       = "ReadMetricsOfProd"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::444444444444:root" }
        Action    = "s3:GetObject"
        Resource  = "arn:aws:s3:::acme-ml-model-artifacts/prod/*"
        Condition = { ArnEquals = { "aws:PrincipalArn" = "arn:aws:iam::444444444444:role/lambda-sagemaker-role-record-execution" } }
      },
      {
        Sid       = "ProbeDev"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::333333333333:root" }
        Action    = ["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:GetObject", "s3:PutObject"]
        Resource  = "arn:aws:s3:::acme-ml-model-artifacts/dev/.doctor/*"
        Condition = { ArnEquals = { "aws:PrincipalArn" = "arn:aws:iam::333333333333:role/cross-account-jenkins-role" } }
      },
      {
        Sid       = "ProbeProd"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::444444444444:root" }
        Action    = ["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:GetObject", "s3:PutObject"]
        Resource  = "arn:aws:s3:::acme-ml-model-artifacts/prod/.doctor/*"
        Condition = { ArnEquals = { "aws:PrincipalArn" = "arn:aws:iam::444444444444:role/cross-account-jenkins-role" } }
      },
      {
        Sid       = "PublishReleases"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:root" }
        Action    = ["s3:GetObject", "s3:PutObject"]
        Resource  = "arn:aws:s3:::acme-ml-model-artifacts/releases/*"
        Condition = { ArnEquals = { "aws:PrincipalArn" = "arn:aws:iam::111111111111:role/jenkins-build-role" } }
      },
      {
        Sid       = "FindReleases"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:root" }
        Action    = "s3:ListBucket"
        Resource  = "arn:aws:s3:::acme-ml-model-artifacts"
        Condition = {
          ArnEquals  = { "aws:PrincipalArn" = "arn:aws:iam::111111111111:role/jenkins-build-role" }
          StringLike = { "s3:prefix" = "releases/*" }
        }
      },
      {
        Sid       = "WriteReleasesOnce"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:PutObject"
        Resource  = "arn:aws:s3:::acme-ml-model-artifacts/releases/*"
        Condition = { Null = { "s3:if-none-match" = "true" } }
      },
    ]
    error_message = "The policy must hold these statements and no others."
  }

  assert {
    condition = jsonencode(module.storage.settings) == jsonencode({
      kms_key_arn             = var.kms_key_arn
      log_bucket              = "acme-ml-registry-logs"
      noncurrent_version_days = 90
      expiration_days = {
        "alerts/"                        = 90
        "dev/.doctor/"                   = 1
        "prod/.doctor/"                  = 1
        "dev/credit/intermediate/"       = 90
        "dev/mammography/intermediate/"  = 90
        "prod/credit/intermediate/"      = 90
        "prod/mammography/intermediate/" = 90
      }
    })
    error_message = "The key must encrypt, access must be logged, and no model may expire."
  }
}

run "no_environment_reads_another_by_default" {
  command = plan

  variables {
    serves_models_of = {}
  }

  assert {
    condition     = [for statement in jsondecode(output.policy).Statement : statement.Sid if startswith(statement.Sid, "ReadServed")] == []
    error_message = "No statement may be about another environment's models."
  }

  assert {
    condition     = [for statement in jsondecode(output.policy).Statement : statement.Resource if startswith(statement.Sid, "CheckArtifacts")] == [["arn:aws:s3:::acme-ml-model-artifacts/dev/*"], ["arn:aws:s3:::acme-ml-model-artifacts/prod/*"]]
    error_message = "A resolver may look at its own environment's artifacts only."
  }
}

run "nobody_deletes_anything_but_probes" {
  command = plan

  assert {
    condition     = alltrue([for statement in jsondecode(output.policy).Statement : !strcontains(jsonencode(statement.Action), "Delete") || endswith(jsonencode(statement.Resource), "/.doctor/*\"") if statement.Effect == "Allow"])
    error_message = "No statement may let a workload account delete anything but its probes."
  }
}

run "nobody_but_the_build_role_without_workload_accounts" {
  command = plan

  variables {
    workload_accounts = {}
    serves_models_of  = {}
  }

  assert {
    condition = jsondecode(output.policy).Statement == [
      {
        Sid       = "DenyPlainHttp"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = ["arn:aws:s3:::acme-ml-model-artifacts", "arn:aws:s3:::acme-ml-model-artifacts/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
      {
        Sid       = "PublishReleases"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:root" }
        Action    = ["s3:GetObject", "s3:PutObject"]
        Resource  = "arn:aws:s3:::acme-ml-model-artifacts/releases/*"
        Condition = { ArnEquals = { "aws:PrincipalArn" = "arn:aws:iam::111111111111:role/jenkins-build-role" } }
      },
      {
        Sid       = "FindReleases"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:root" }
        Action    = "s3:ListBucket"
        Resource  = "arn:aws:s3:::acme-ml-model-artifacts"
        Condition = {
          ArnEquals  = { "aws:PrincipalArn" = "arn:aws:iam::111111111111:role/jenkins-build-role" }
          StringLike = { "s3:prefix" = "releases/*" }
        }
      },
      {
        Sid       = "WriteReleasesOnce"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:PutObject"
        Resource  = "arn:aws:s3:::acme-ml-model-artifacts/releases/*"
        Condition = { Null = { "s3:if-none-match" = "true" } }
      },
    ]
    error_message = "The policy must hold these statements and no others."
  }
}
