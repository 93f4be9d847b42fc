mock_provider "aws" {}

variables {
  account_id           = "222222222222"
  region               = "eu-west-1"
  model_package_groups = { mammography = "mammography" }
  workload_accounts    = { dev = "333333333333", prod = "444444444444" }
  execution_role_name  = "sagemaker-execution-role"
  lambda_role_name     = "lambda-sagemaker-role"
  deploy_role_name     = "cross-account-jenkins-role"
  plan_role_name       = "jenkins-plan-role"
  approver_role_name   = "model-approver-role"
}

run "workload_accounts_register_pending_versions_and_only_approvers_decide" {
  command = plan

  assert {
    condition = jsondecode(aws_sagemaker_model_package_group_policy.this["mammography"].resource_policy).Statement == [
      {
        Sid       = "FindGroup"
        Effect    = "Allow"
        Principal = { AWS = ["arn:aws:iam::333333333333:root", "arn:aws:iam::444444444444:root"] }
        Action    = "sagemaker:DescribeModelPackageGroup"
        Resource  = "arn:aws:sagemaker:eu-west-1:222222222222:model-package-group/mammography"
        Condition = { ArnEquals = { "aws:PrincipalArn" = ["arn:aws:iam::333333333333:role/cross-account-jenkins-role", "arn:aws:iam::333333333333:role/jenkins-plan-role", "arn:aws:iam::444444444444:role/cross-account-jenkins-role", "arn:aws:iam::444444444444:role/jenkins-plan-role", "arn:aws:iam::333333333333:role/sagemaker-execution-role-mammography", "arn:aws:iam::444444444444:role/sagemaker-execution-role-mammography"] } }
      },
      {
        Sid       = "FindApprovedVersion"
        Effect    = "Allow"
        Principal = { AWS = ["arn:aws:iam::333333333333:root", "arn:aws:iam::444444444444:root"] }
        Action    = ["sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages"]
        Resource  = ["arn:aws:sagemaker:eu-west-1:222222222222:model-package-group/mammography", "arn:aws:sagemaker:eu-west-1:222222222222:model-package/mammography/*"]
        Condition = { ArnEquals = { "aws:PrincipalArn" = ["arn:aws:iam::333333333333:role/lambda-sagemaker-role-resolve-model", "arn:aws:iam::333333333333:role/lambda-sagemaker-role-start-retrain", "arn:aws:iam::444444444444:role/lambda-sagemaker-role-resolve-model", "arn:aws:iam::444444444444:role/lambda-sagemaker-role-start-retrain"] } }
      },
      {
        Sid       = "ServeVersions"
        Effect    = "Allow"
        Principal = { AWS = ["arn:aws:iam::333333333333:root", "arn:aws:iam::444444444444:root"] }
        Action    = ["sagemaker:CreateModel", "sagemaker:DescribeModelPackage"]
        Resource  = "arn:aws:sagemaker:eu-west-1:222222222222:model-package/mammography/*"
        Condition = { ArnEquals = { "aws:PrincipalArn" = ["arn:aws:iam::333333333333:role/sagemaker-execution-role-mammography", "arn:aws:iam::444444444444:role/sagemaker-execution-role-mammography"] } }
      },
      {
        Sid       = "RegisterPendingVersions"
        Effect    = "Allow"
        Principal = { AWS = ["arn:aws:iam::333333333333:root", "arn:aws:iam::444444444444:root"] }
        Action    = "sagemaker:CreateModelPackage"
        Resource  = ["arn:aws:sagemaker:eu-west-1:222222222222:model-package-group/mammography", "arn:aws:sagemaker:eu-west-1:222222222222:model-package/mammography/*"]
        Condition = {
          ArnEquals    = { "aws:PrincipalArn" = ["arn:aws:iam::333333333333:role/sagemaker-execution-role-mammography", "arn:aws:iam::444444444444:role/sagemaker-execution-role-mammography"] }
          StringEquals = { "sagemaker:ModelApprovalStatus" = "PendingManualApproval" }
          Null         = { "sagemaker:ModelLifeCycle:Stage" = "true", "sagemaker:ModelLifeCycle:StageStatus" = "true" }
        }
      },
      {
        Sid       = "OnlyApproversDecide"
        Effect    = "Deny"
        Principal = { AWS = ["arn:aws:iam::222222222222:root", "arn:aws:iam::333333333333:root", "arn:aws:iam::444444444444:root"] }
        Action    = "sagemaker:UpdateModelPackage"
        Resource  = "arn:aws:sagemaker:eu-west-1:222222222222:model-package/mammography/*"
        Condition = { ArnNotEquals = { "aws:PrincipalArn" = ["arn:aws:iam::222222222222:role/model-approver-role", "arn:aws:iam::222222222222:role/lambda-sagemaker-role-approval-review"] } }
      },
      {
        Sid       = "ReviewOnlyReopens"
        Effect    = "Deny"
        Principal = { AWS = ["arn:aws:iam::222222222222:root", "arn:aws:iam::333333333333:root", "arn:aws:iam::444444444444:root"] }
        Action    = "sagemaker:UpdateModelPackage"
        Resource  = "arn:aws:sagemaker:eu-west-1:222222222222:model-package/mammography/*"
        Condition = {
          ArnEquals       = { "aws:PrincipalArn" = "arn:aws:iam::222222222222:role/lambda-sagemaker-role-approval-review" }
          StringNotEquals = { "sagemaker:ModelApprovalStatus" = "PendingManualApproval" }
        }
      },
      {
        Sid       = "NobodyRegistersDecidedVersions"
        Effect    = "Deny"
        Principal = { AWS = ["arn:aws:iam::222222222222:root", "arn:aws:iam::333333333333:root", "arn:aws:iam::444444444444:root"] }
        Action    = "sagemaker:CreateModelPackage"
        Resource  = ["arn:aws:sagemaker:eu-west-1:222222222222:model-package-group/mammography", "arn:aws:sagemaker:eu-west-1:222222222222:model-package/mammography/*"]
        Condition = { StringNotEquals = { "sagemaker:ModelApprovalStatus" = "PendingManualApproval" } }
      },
    ]
    error_message = "The policy must hold these statements and no others."
  }

  assert {
    condition     = alltrue([for statement in jsondecode(aws_sagemaker_model_package_group_policy.this["mammography"].resource_policy).Statement : statement.Effect == "Deny" || !strcontains(jsonencode(statement.Action), "UpdateModelPackage")])
    error_message = "No other account may approve."
  }
}

run "without_workload_accounts_the_registry_itself_is_still_bound" {
  command = plan

  variables {
    workload_accounts = {}
  }

  assert {
    condition = jsondecode(aws_sagemaker_model_package_group_policy.this["mammography"].resource_policy).Statement == [
      {
        Sid       = "OnlyApproversDecide"
        Effect    = "Deny"
        Principal = { AWS = ["arn:aws:iam::222222222222:root"] }
        Action    = "sagemaker:UpdateModelPackage"
        Resource  = "arn:aws:sagemaker:eu-west-1:222222222222:model-package/mammography/*"
        Condition = { ArnNotEquals = { "aws:PrincipalArn" = ["arn:aws:iam::222222222222:role/model-approver-role", "arn:aws:iam::222222222222:role/lambda-sagemaker-role-approval-review"] } }
      },
      {
        Sid       = "ReviewOnlyReopens"
        Effect    = "Deny"
        Principal = { AWS = ["arn:aws:iam::222222222222:root"] }
        Action    = "sagemaker:UpdateModelPackage"
        Resource  = "arn:aws:sagemaker:eu-west-1:222222222222:model-package/mammography/*"
        Condition = {
          ArnEquals       = { "aws:PrincipalArn" = "arn:aws:iam::222222222222:role/lambda-sagemaker-role-approval-review" }
          StringNotEquals = { "sagemaker:ModelApprovalStatus" = "PendingManualApproval" }
        }
      },
      {
        Sid       = "NobodyRegistersDecidedVersions"
        Effect    = "Deny"
        Principal = { AWS = ["arn:aws:iam::222222222222:root"] }
        Action    = "sagemaker:CreateModelPackage"
        Resource  = ["arn:aws:sagemaker:eu-west-1:222222222222:model-package-group/mammography", "arn:aws:sagemaker:eu-west-1:222222222222:model-package/mammography/*"]
        Condition = { StringNotEquals = { "sagemaker:ModelApprovalStatus" = "PendingManualApproval" } }
      },
    ]
    error_message = "There is nobody to share with, and only approvers decide."
  }
}
