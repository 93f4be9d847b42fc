mock_provider "aws" {}

variables {
  account_id           = "222222222222"
  region               = "eu-west-1"
  model_package_groups = { mammography = "mammography" }
  workload_accounts    = { dev = "333333333333", prod = "444444444444" }
  execution_role_name  = "sagemaker-execution-role"
  lambda_role_name     = "lambda-sagemaker-role"
  deploy_role_name     = "cross-account-jenkins-role"
  approver_role_name   = "model-approver-role"
  approvers            = ["arn:aws:iam::111111111111:user/approver", "arn:aws:iam::111111111111:role/risk/model-risk"]
}

run "workload_accounts_register_and_read_but_never_approve" {
  command = plan

  assert {
    condition = jsondecode(aws_sagemaker_model_package_group_policy.this["mammography"].resource_policy).Statement == [
      {
        Sid       = "Read"
        Effect    = "Allow"
        Principal = { AWS = ["arn:aws:iam::333333333333:root", "arn:aws:iam::444444444444:root"] }
        Action    = ["sagemaker:DescribeModelPackage", "sagemaker:DescribeModelPackageGroup", "sagemaker:ListModelPackages"]
        Resource  = ["arn:aws:sagemaker:eu-west-1:222222222222:model-package-group/mammography", "arn:aws:sagemaker:eu-west-1:222222222222:model-package/mammography/*"]
        Condition = { ArnEquals = { "aws:PrincipalArn" = ["arn:aws:iam::333333333333:role/sagemaker-execution-role-mammography", "arn:aws:iam::444444444444:role/sagemaker-execution-role-mammography", "arn:aws:iam::333333333333:role/lambda-sagemaker-role-resolve-model", "arn:aws:iam::444444444444:role/lambda-sagemaker-role-resolve-model"] } }
      },
      {
        Sid       = "FindGroup"
        Effect    = "Allow"
        Principal = { AWS = ["arn:aws:iam::333333333333:root", "arn:aws:iam::444444444444:root"] }
        Action    = "sagemaker:DescribeModelPackageGroup"
        Resource  = "arn:aws:sagemaker:eu-west-1:222222222222:model-package-group/mammography"
        Condition = { ArnEquals = { "aws:PrincipalArn" = ["arn:aws:iam::333333333333:role/cross-account-jenkins-role", "arn:aws:iam::444444444444:role/cross-account-jenkins-role"] } }
      },
      {
        Sid       = "RegisterAndServe"
        Effect    = "Allow"
        Principal = { AWS = ["arn:aws:iam::333333333333:root", "arn:aws:iam::444444444444:root"] }
        Action    = ["sagemaker:CreateModel", "sagemaker:CreateModelPackage"]
        Resource  = ["arn:aws:sagemaker:eu-west-1:222222222222:model-package-group/mammography", "arn:aws:sagemaker:eu-west-1:222222222222:model-package/mammography/*"]
        Condition = { ArnEquals = { "aws:PrincipalArn" = ["arn:aws:iam::333333333333:role/sagemaker-execution-role-mammography", "arn:aws:iam::444444444444:role/sagemaker-execution-role-mammography"] } }
      },
    ]
    error_message = "The policy must hold these statements and no others."
  }

  assert {
    condition     = !strcontains(aws_sagemaker_model_package_group_policy.this["mammography"].resource_policy, "UpdateModelPackage")
    error_message = "No other account may approve."
  }
}

run "only_approvers_become_the_approver" {
  command = plan

  assert {
    condition = jsondecode(aws_iam_role.approver.assume_role_policy).Statement == [
      {
        Sid       = "Approvers"
        Effect    = "Allow"
        Principal = { AWS = ["arn:aws:iam::111111111111:root"] }
        Action    = "sts:AssumeRole"
        Condition = { ArnEquals = { "aws:PrincipalArn" = ["arn:aws:iam::111111111111:user/approver", "arn:aws:iam::111111111111:role/risk/model-risk"] } }
      },
    ]
    error_message = "The policy must hold these statements and no others."
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.approver.policy).Statement == [
      {
        Sid      = "Read"
        Effect   = "Allow"
        Action   = ["sagemaker:DescribeModelPackage", "sagemaker:DescribeModelPackageGroup", "sagemaker:ListModelPackages"]
        Resource = ["arn:aws:sagemaker:eu-west-1:222222222222:model-package-group/mammography", "arn:aws:sagemaker:eu-west-1:222222222222:model-package/mammography/*"]
      },
      {
        Sid      = "Decide"
        Effect   = "Allow"
        Action   = "sagemaker:UpdateModelPackage"
        Resource = ["arn:aws:sagemaker:eu-west-1:222222222222:model-package/mammography/*"]
      },
    ]
    error_message = "The policy must hold these statements and no others."
  }
}

run "no_group_policy_without_workload_accounts" {
  command = plan

  variables {
    workload_accounts = {}
  }

  assert {
    condition     = length(aws_sagemaker_model_package_group_policy.this) == 0
    error_message = "There is nobody to share with."
  }
}
