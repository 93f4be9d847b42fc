mock_provider "aws" {}

variables {
  account_id           = "222222222222"
  region               = "eu-west-1"
  roles                = { approver = "model-approver-role", auditor = "model-auditor-role", break_glass = "break-glass-role" }
  approvers            = ["arn:aws:iam::111111111111:user/approver", "arn:aws:iam::111111111111:role/risk/model-risk"]
  auditors             = ["arn:aws:iam::111111111111:user/auditor"]
  break_glass          = ["arn:aws:iam::111111111111:user/on-call", "arn:aws:iam::333333333333:user/on-call"]
  model_package_groups = ["mammography"]
  ledger_table         = "acme-ml-ledger"
  artifact_bucket      = "acme-ml-model-artifacts"
  use_cases            = ["mammography"]
}

run "only_the_listed_people_become_each_role" {
  command = plan

  assert {
    condition = jsondecode(aws_iam_role.this["approver"].assume_role_policy).Statement == [
      {
        Sid       = "People"
        Effect    = "Allow"
        Principal = { AWS = ["arn:aws:iam::111111111111:root"] }
        Action    = "sts:AssumeRole"
        Condition = { ArnEquals = { "aws:PrincipalArn" = ["arn:aws:iam::111111111111:user/approver", "arn:aws:iam::111111111111:role/risk/model-risk"] } }
      },
    ]
    error_message = "The policy must hold these statements and no others."
  }

  assert {
    condition = jsondecode(aws_iam_role.this["auditor"].assume_role_policy).Statement == [
      {
        Sid       = "People"
        Effect    = "Allow"
        Principal = { AWS = ["arn:aws:iam::111111111111:root"] }
        Action    = "sts:AssumeRole"
        Condition = { ArnEquals = { "aws:PrincipalArn" = ["arn:aws:iam::111111111111:user/auditor"] } }
      },
    ]
    error_message = "The policy must hold these statements and no others."
  }

  assert {
    condition = jsondecode(aws_iam_role.this["break_glass"].assume_role_policy).Statement == [
      {
        Sid       = "People"
        Effect    = "Allow"
        Principal = { AWS = ["arn:aws:iam::111111111111:root", "arn:aws:iam::333333333333:root"] }
        Action    = "sts:AssumeRole"
        Condition = {
          ArnEquals = { "aws:PrincipalArn" = ["arn:aws:iam::111111111111:user/on-call", "arn:aws:iam::333333333333:user/on-call"] }
          Bool      = { "aws:MultiFactorAuthPresent" = "true" }
        }
      },
    ]
    error_message = "The policy must hold these statements and no others."
  }

  assert {
    condition     = { for key, role in aws_iam_role.this : key => [role.name, role.max_session_duration] } == { approver = ["model-approver-role", 3600], auditor = ["model-auditor-role", 3600], break_glass = ["break-glass-role", 3600] }
    error_message = "There must be these three roles, for an hour each."
  }
}

run "each_role_may_do_its_own_work_only" {
  command = plan

  assert {
    condition = jsondecode(aws_iam_role_policy.this["approver"].policy).Statement == [
      {
        Sid      = "ReadModelVersions"
        Effect   = "Allow"
        Action   = ["sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages"]
        Resource = ["arn:aws:sagemaker:eu-west-1:222222222222:model-package-group/mammography", "arn:aws:sagemaker:eu-west-1:222222222222:model-package/mammography/*"]
      },
      {
        Sid      = "Decide"
        Effect   = "Allow"
        Action   = "sagemaker:UpdateModelPackage"
        Resource = ["arn:aws:sagemaker:eu-west-1:222222222222:model-package/mammography/*"]
        Condition = {
          StringEquals = { "sagemaker:ModelApprovalStatus" = ["Approved", "Rejected"] }
          Null = {
            "sagemaker:CustomerMetadataPropertiesToRemove"                    = "true"
            "sagemaker:CustomerMetadataProperties/artifact_sha256"            = "true"
            "sagemaker:CustomerMetadataProperties/auc"                        = "true"
            "sagemaker:CustomerMetadataProperties/auc_high"                   = "true"
            "sagemaker:CustomerMetadataProperties/auc_low"                    = "true"
            "sagemaker:CustomerMetadataProperties/champion_model_package_arn" = "true"
            "sagemaker:CustomerMetadataProperties/comparison_uri"             = "true"
            "sagemaker:CustomerMetadataProperties/dataset_rows"               = "true"
            "sagemaker:CustomerMetadataProperties/dataset_sha256"             = "true"
            "sagemaker:CustomerMetadataProperties/drifted_batch_uri"          = "true"
            "sagemaker:CustomerMetadataProperties/environment"                = "true"
            "sagemaker:CustomerMetadataProperties/git_commit"                 = "true"
            "sagemaker:CustomerMetadataProperties/pipeline_execution_id"      = "true"
            "sagemaker:CustomerMetadataProperties/release_digest"             = "true"
            "sagemaker:CustomerMetadataProperties/use_case"                   = "true"
          }
        }
      },
      {
        Sid      = "ReadLedger"
        Effect   = "Allow"
        Action   = "dynamodb:Query"
        Resource = "arn:aws:dynamodb:eu-west-1:222222222222:table/acme-ml-ledger"
      },
      {
        Sid       = "DecryptLedger"
        Effect    = "Allow"
        Action    = "kms:Decrypt"
        Resource  = "arn:aws:kms:eu-west-1:222222222222:key/*"
        Condition = { StringEquals = { "kms:ViaService" = "dynamodb.eu-west-1.amazonaws.com" } }
      },
      {
        Sid      = "ReadArtifacts"
        Effect   = "Allow"
        Action   = "s3:GetObject"
        Resource = ["arn:aws:s3:::acme-ml-model-artifacts/*/mammography/*"]
      },
      {
        Sid       = "FindReleases"
        Effect    = "Allow"
        Action    = "s3:ListBucket"
        Resource  = "arn:aws:s3:::acme-ml-model-artifacts"
        Condition = { StringLike = { "s3:prefix" = "releases/*" } }
      },
      {
        Sid       = "DecryptArtifacts"
        Effect    = "Allow"
        Action    = "kms:Decrypt"
        Resource  = "arn:aws:kms:eu-west-1:222222222222:key/*"
        Condition = { StringEquals = { "kms:ViaService" = "s3.eu-west-1.amazonaws.com" } }
      },
    ]
    error_message = "The policy must hold these statements and no others."
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.this["auditor"].policy).Statement == [
      {
        Sid      = "ReadModelVersions"
        Effect   = "Allow"
        Action   = ["sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages"]
        Resource = ["arn:aws:sagemaker:eu-west-1:222222222222:model-package-group/mammography", "arn:aws:sagemaker:eu-west-1:222222222222:model-package/mammography/*"]
      },
      {
        Sid      = "ReadWhoMayDecide"
        Effect   = "Allow"
        Action   = ["sagemaker:DescribeModelPackageGroup", "sagemaker:GetModelPackageGroupPolicy"]
        Resource = ["arn:aws:sagemaker:eu-west-1:222222222222:model-package-group/mammography"]
      },
      {
        Sid      = "ReadLedger"
        Effect   = "Allow"
        Action   = "dynamodb:Query"
        Resource = "arn:aws:dynamodb:eu-west-1:222222222222:table/acme-ml-ledger"
      },
      {
        Sid       = "DecryptLedger"
        Effect    = "Allow"
        Action    = "kms:Decrypt"
        Resource  = "arn:aws:kms:eu-west-1:222222222222:key/*"
        Condition = { StringEquals = { "kms:ViaService" = "dynamodb.eu-west-1.amazonaws.com" } }
      },
    ]
    error_message = "The policy must hold these statements and no others."
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.this["break_glass"].policy).Statement == [
      {
        Sid      = "FindRecords"
        Effect   = "Allow"
        Action   = "dynamodb:Query"
        Resource = "arn:aws:dynamodb:eu-west-1:222222222222:table/acme-ml-ledger"
      },
      {
        Sid      = "CorrectRecords"
        Effect   = "Allow"
        Action   = ["dynamodb:DeleteItem", "dynamodb:UpdateItem"]
        Resource = "arn:aws:dynamodb:eu-west-1:222222222222:table/acme-ml-ledger"
      },
      {
        Sid       = "DecryptLedger"
        Effect    = "Allow"
        Action    = "kms:Decrypt"
        Resource  = "arn:aws:kms:eu-west-1:222222222222:key/*"
        Condition = { StringEquals = { "kms:ViaService" = "dynamodb.eu-west-1.amazonaws.com" } }
      },
    ]
    error_message = "The policy must hold these statements and no others."
  }

  assert {
    condition     = [for key, statements in local.statements : key if length(setintersection(flatten([for statement in statements : flatten([statement.Action])]), ["sagemaker:UpdateModelPackage"])) > 0] == ["approver"]
    error_message = "Nobody but the approver role may decide."
  }

  assert {
    condition     = length(setintersection(flatten([for statements in values(local.statements) : [for statement in statements : flatten([statement.Action])]]), ["dynamodb:PutItem", "dynamodb:DeleteTable", "sagemaker:CreateModelPackage", "sagemaker:DeleteModelPackage", "sagemaker:PutModelPackageGroupPolicy"])) == 0
    error_message = "People write no records, register no versions and change no policies."
  }
}

run "break_glass_without_mfa" {
  command = plan

  variables {
    require_mfa = false
  }

  assert {
    condition     = alltrue([for role in aws_iam_role.this : keys(jsondecode(role.assume_role_policy).Statement[0].Condition) == ["ArnEquals"]])
    error_message = "No role may ask for MFA."
  }
}
