mock_provider "aws" {}

variables {
  kind               = "workload"
  project            = "acme-ml"
  environment        = "prod"
  account_id         = "444444444444"
  region             = "eu-west-1"
  tooling_account_id = "111111111111"
  roles = {
    jenkins   = "jenkins-role"
    deploy    = "cross-account-jenkins-role"
    execution = "sagemaker-execution-role"
    lambda    = "lambda-sagemaker-role"
    events    = "eventbridge-sagemaker-role"
    approver  = "model-approver-role"
  }
  jenkins_user_name        = "jenkins"
  deployed_account_ids     = ["333333333333"]
  max_session_seconds      = 43200
  owned_buckets            = { state = "acme-ml-prod-tfstate", data = "acme-ml-prod-data" }
  model_package_group_arns = ["arn:aws:sagemaker:eu-west-1:222222222222:model-package-group/mammography"]
  pipeline_names           = ["mammography-train", "mammography-inference"]
  alerts_topic_name        = "acme-ml-alerts"
}

run "jenkins_and_nobody_else_becomes_the_deploy_role" {
  command = plan

  assert {
    condition = jsondecode(aws_iam_role.deploy.assume_role_policy).Statement == [
      {
        Sid       = "Jenkins"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:root" }
        Action    = "sts:AssumeRole"
        Condition = { ArnEquals = { "aws:PrincipalArn" = ["arn:aws:iam::111111111111:role/jenkins-role", "arn:aws:iam::111111111111:user/jenkins"] } }
      },
    ]
    error_message = "The policy must hold these statements and no others."
  }

  assert {
    condition     = length(aws_iam_role.jenkins) == 0
    error_message = "Jenkins' own role belongs into the tooling account."
  }
}

run "workload_account" {
  command = plan

  assert {
    condition     = keys(aws_iam_policy.deploy) == ["pipelines", "storage", "terraform", "workload"]
    error_message = "The account's kind decides the policies."
  }

  assert {
    condition     = alltrue([for policy in aws_iam_policy.deploy : length(policy.policy) <= 6144])
    error_message = "A managed policy may have 6144 characters."
  }

  assert {
    condition     = alltrue([for action in flatten([for statements in values(local.policies) : [for statement in statements : flatten([statement.Action])]]) : can(regex("^[a-z0-9]+:[A-Za-z]+$", action))])
    error_message = "Every action must be spelt out."
  }

  assert {
    condition     = !contains(flatten([for statements in values(local.policies) : [for statement in statements : flatten([statement.Action])]]), "sagemaker:UpdateModelPackage")
    error_message = "Jenkins may not call sagemaker:UpdateModelPackage."
  }

  assert {
    condition     = !contains(flatten([for statements in values(local.policies) : [for statement in statements : flatten([statement.Action])]]), "iam:AttachRolePolicy")
    error_message = "Jenkins may not call iam:AttachRolePolicy."
  }

  assert {
    condition     = !contains(flatten([for statements in values(local.policies) : [for statement in statements : flatten([statement.Action])]]), "iam:CreatePolicyVersion")
    error_message = "Jenkins may not call iam:CreatePolicyVersion."
  }

  assert {
    condition     = alltrue(flatten([for statements in values(local.policies) : [for statement in statements : !contains(flatten([statement.Resource]), "*") || contains(["CreateKeys", "FindAliases", "FindPipelines"], statement.Sid)]]))
    error_message = "Only what has no finer grain may be granted on every resource."
  }

  assert {
    condition     = concat([for statement in local.iam_statements : flatten([statement.Resource]) if statement.Sid == "ManageWorkloadRoles"]...) == ["arn:aws:iam::444444444444:role/sagemaker-execution-role-*", "arn:aws:iam::444444444444:role/lambda-sagemaker-role-*", "arn:aws:iam::444444444444:role/eventbridge-sagemaker-role"]
    error_message = "Only the roles of pipelines, functions and rules may be changed."
  }

  assert {
    condition     = [for statement in local.pipeline_statements : statement.Resource if statement.Sid == "UploadCode"] == ["arn:aws:s3:::acme-ml-prod-data/code/*"]
    error_message = "Of the data bucket only code/ may be read and written."
  }
}

run "registry_account" {
  command = plan

  variables {
    kind          = "registry"
    account_id    = "222222222222"
    owned_buckets = { state = "acme-ml-registry-tfstate", artifacts = "acme-ml-model-artifacts" }
  }

  assert {
    condition     = keys(aws_iam_policy.deploy) == ["registry", "storage", "terraform"]
    error_message = "The account's kind decides the policies."
  }

  assert {
    condition     = alltrue([for policy in aws_iam_policy.deploy : length(policy.policy) <= 6144])
    error_message = "A managed policy may have 6144 characters."
  }

  assert {
    condition     = alltrue([for action in flatten([for statements in values(local.policies) : [for statement in statements : flatten([statement.Action])]]) : can(regex("^[a-z0-9]+:[A-Za-z]+$", action))])
    error_message = "Every action must be spelt out."
  }

  assert {
    condition     = !contains(flatten([for statements in values(local.policies) : [for statement in statements : flatten([statement.Action])]]), "sagemaker:UpdateModelPackage")
    error_message = "Jenkins may not call sagemaker:UpdateModelPackage."
  }

  assert {
    condition     = !contains(flatten([for statements in values(local.policies) : [for statement in statements : flatten([statement.Action])]]), "iam:AttachRolePolicy")
    error_message = "Jenkins may not call iam:AttachRolePolicy."
  }

  assert {
    condition     = !contains(flatten([for statements in values(local.policies) : [for statement in statements : flatten([statement.Action])]]), "iam:CreatePolicyVersion")
    error_message = "Jenkins may not call iam:CreatePolicyVersion."
  }

  assert {
    condition     = alltrue(flatten([for statements in values(local.policies) : [for statement in statements : !contains(flatten([statement.Resource]), "*") || contains(["CreateKeys", "FindAliases", "FindPipelines"], statement.Sid)]]))
    error_message = "Only what has no finer grain may be granted on every resource."
  }

  assert {
    condition     = length([for statement in local.iam_statements : statement if statement.Sid == "ManageWorkloadRoles"]) == 0
    error_message = "No role may be changed."
  }
}

run "tooling_account" {
  command = plan

  variables {
    kind          = "tooling"
    account_id    = "111111111111"
    owned_buckets = { state = "acme-ml-tooling-tfstate" }
  }

  assert {
    condition     = keys(aws_iam_policy.deploy) == ["storage", "terraform"]
    error_message = "The account's kind decides the policies."
  }

  assert {
    condition     = alltrue([for policy in aws_iam_policy.deploy : length(policy.policy) <= 6144])
    error_message = "A managed policy may have 6144 characters."
  }

  assert {
    condition     = alltrue([for action in flatten([for statements in values(local.policies) : [for statement in statements : flatten([statement.Action])]]) : can(regex("^[a-z0-9]+:[A-Za-z]+$", action))])
    error_message = "Every action must be spelt out."
  }

  assert {
    condition     = !contains(flatten([for statements in values(local.policies) : [for statement in statements : flatten([statement.Action])]]), "sagemaker:UpdateModelPackage")
    error_message = "Jenkins may not call sagemaker:UpdateModelPackage."
  }

  assert {
    condition     = !contains(flatten([for statements in values(local.policies) : [for statement in statements : flatten([statement.Action])]]), "iam:AttachRolePolicy")
    error_message = "Jenkins may not call iam:AttachRolePolicy."
  }

  assert {
    condition     = !contains(flatten([for statements in values(local.policies) : [for statement in statements : flatten([statement.Action])]]), "iam:CreatePolicyVersion")
    error_message = "Jenkins may not call iam:CreatePolicyVersion."
  }

  assert {
    condition     = alltrue(flatten([for statements in values(local.policies) : [for statement in statements : !contains(flatten([statement.Resource]), "*") || contains(["CreateKeys", "FindAliases", "FindPipelines"], statement.Sid)]]))
    error_message = "Only what has no finer grain may be granted on every resource."
  }

  assert {
    condition = jsondecode(aws_iam_role.jenkins[0].assume_role_policy).Statement == [
      {
        Sid       = "Ec2Instance"
        Effect    = "Allow"
        Principal = { Service = "ec2.amazonaws.com" }
        Action    = "sts:AssumeRole"
      },
    ]
    error_message = "The policy must hold these statements and no others."
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.jenkins[0].policy).Statement == [
      {
        Sid      = "BecomeDeployRole"
        Effect   = "Allow"
        Action   = "sts:AssumeRole"
        Resource = ["arn:aws:iam::111111111111:role/cross-account-jenkins-role", "arn:aws:iam::333333333333:role/cross-account-jenkins-role"]
      },
    ]
    error_message = "The policy must hold these statements and no others."
  }
}
