mock_provider "aws" {}

variables {
  kind            = "workload"
  project         = "acme-ml"
  environment     = "prod"
  account_id      = "444444444444"
  region          = "eu-west-1"
  linked_accounts = { tooling = "111111111111", registry = "222222222222", dev = "333333333333" }
  external_id     = "acme-ml-jenkins"
  roles = {
    jenkins     = "jenkins-role"
    deploy      = "cross-account-jenkins-role"
    plan        = "jenkins-plan-role"
    execution   = "sagemaker-execution-role"
    lambda      = "lambda-sagemaker-role"
    events      = "eventbridge-sagemaker-role"
    approver    = "model-approver-role"
    auditor     = "model-auditor-role"
    break_glass = "break-glass-role"
  }
  buckets      = { state = "acme-ml-prod-tfstate", logs = "acme-ml-prod-logs", data = "acme-ml-prod-data", artifacts = "acme-ml-model-artifacts" }
  use_cases    = { mammography = { model_package_group = "mammography", pipelines = { train = "mammography-train", inference = "mammography-inference" } } }
  event_bus    = "default"
  alerts_topic = "acme-ml-alerts"
  studio       = false
}

run "jenkins_and_nobody_else_becomes_the_deploy_and_the_plan_role" {
  command = plan

  assert {
    condition = alltrue([for role in aws_iam_role.this : jsondecode(role.assume_role_policy).Statement == [
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
    ]])
    error_message = "The policy must hold these statements and no others."
  }

  assert {
    condition     = { for key, role in aws_iam_role.this : key => [role.name, role.max_session_duration] } == { deploy = ["cross-account-jenkins-role", 14400], plan = ["jenkins-plan-role", 14400] }
    error_message = "There must be these two roles."
  }

  assert {
    condition     = length(aws_iam_role.jenkins) == 0
    error_message = "Jenkins' own role belongs into the tooling account."
  }
}

run "longest_session_that_iam_offers" {
  command = plan

  variables {
    max_session_seconds = 43200
  }

  assert {
    condition     = alltrue([for role in aws_iam_role.this : role.max_session_duration == 43200])
    error_message = "Both roles must last as long as is asked for."
  }
}

run "workload_account" {
  command = plan

  assert {
    condition     = keys(aws_iam_policy.this) == [for name in ["deploy-events", "deploy-functions", "deploy-guards", "deploy-keys", "deploy-monitoring", "deploy-pipelines", "deploy-roles", "deploy-state", "deploy-storage", "plan-access", "plan-events", "plan-functions", "plan-keys", "plan-monitoring", "plan-pipelines", "plan-roles", "plan-state", "plan-storage"] : name]
    error_message = "The account's kind decides the policies."
  }

  assert {
    condition     = { for key, attachment in aws_iam_role_policy_attachment.this : key => attachment.role } == { for key, policy in aws_iam_policy.this : key => startswith(key, "plan-") ? "jenkins-plan-role" : "cross-account-jenkins-role" }
    error_message = "Every policy belongs to its role."
  }

  assert {
    condition     = alltrue([for policy in concat(values(aws_iam_policy.this), aws_iam_policy.boundary) : length(policy.policy) <= 6144])
    error_message = "A managed policy may have 6,144 characters."
  }

  assert {
    condition     = max(length(local.deploy_statements), length(local.plan_statements)) <= 10
    error_message = "A role may have 10 managed policies."
  }

  assert {
    condition     = alltrue([for action in concat(flatten([for statements in values(local.deploy_statements) : [for statement in statements : flatten([statement.Action]) if statement.Effect == "Allow"]]), flatten([for statements in values(local.plan_statements) : [for statement in statements : flatten([statement.Action]) if statement.Effect == "Allow"]]), flatten([for statement in local.boundary_statements[var.kind] : flatten([statement.Action])])) : can(regex("^[a-z0-9]+:[A-Za-z]+$", action))])
    error_message = "Every action must be spelt out."
  }

  assert {
    condition = alltrue(flatten([for statements in concat(values(local.deploy_statements), values(local.plan_statements), [local.boundary_statements[var.kind]]) : [
      for statement in statements : !contains(flatten([try(statement.Resource, [])]), "*") ||
      contains(["CreateKeys", "FindAliases", "FindLogGroups", "FindPipelines", "ListApps", "LogInToRegistries", "ManageBusPolicy", "ManageSubscriptions", "ReadNetwork", "ReadQuotas", "ReadSubscriptions", "WriteJobMetrics"], statement.Sid) || statement.Effect == "Deny"
    ]]))
    error_message = "Only what has no finer grain may be granted on every resource."
  }

  assert {
    condition     = alltrue([for action in flatten([for statements in values(local.plan_statements) : [for statement in statements : flatten([statement.Action]) if statement.Effect == "Allow"]]) : can(regex("^[a-z0-9]+:(Get|List|Describe)", action)) || action == "kms:Decrypt"])
    error_message = "The plan role must read only."
  }

  assert {
    condition     = length(setintersection(flatten([for statements in values(local.plan_statements) : [for statement in statements : flatten([statement.Action]) if statement.Effect == "Allow"]]), ["s3:GetObjectVersion", "dynamodb:Query", "dynamodb:GetItem", "sagemaker:UpdateModelPackage", "iam:PassRole", "sts:AssumeRole"])) == 0
    error_message = "The plan role must read settings, not records, and become nobody else."
  }

  assert {
    condition     = length(setintersection(flatten([for statements in values(local.deploy_statements) : [for statement in statements : flatten([statement.Action]) if statement.Effect == "Allow"]]), ["sagemaker:UpdateModelPackage", "sagemaker:CreateModelPackage", "iam:AttachRolePolicy", "iam:CreatePolicy", "iam:CreatePolicyVersion", "iam:CreateUser", "iam:DeleteRolePermissionsBoundary", "iam:PutRolePermissionsBoundary", "dynamodb:DeleteItem", "dynamodb:DeleteTable", "dynamodb:PutItem", "dynamodb:UpdateItem", "sts:AssumeRole"])) == 0
    error_message = "Jenkins may not approve, widen rights, or write the ledger."
  }

  assert {
    condition     = [for statement in flatten(values(local.deploy_statements)) : statement.Resource if statement.Effect == "Allow" && contains(flatten([statement.Action]), "lambda:InvokeFunction")] == ["arn:aws:lambda:eu-west-1:222222222222:function:acme-ml-registry-ledger-prod"]
    error_message = "Of all functions Jenkins may invoke the one that takes this account's records."
  }

  assert {
    condition = [for statement in local.roles_change : statement if statement.Sid == "ManageRolesUnderBoundary"] == [
      {
        Sid       = "ManageRolesUnderBoundary"
        Effect    = "Allow"
        Action    = ["iam:CreateRole", "iam:DeleteRole", "iam:DeleteRolePolicy", "iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy", "iam:UpdateRole", "iam:UpdateRoleDescription"]
        Resource  = ["arn:aws:iam::444444444444:role/sagemaker-execution-role-*", "arn:aws:iam::444444444444:role/lambda-sagemaker-role-*", "arn:aws:iam::444444444444:role/eventbridge-sagemaker-role-*"]
        Condition = { StringEquals = { "iam:PermissionsBoundary" = "arn:aws:iam::444444444444:policy/acme-ml-prod-boundary" } }
      },
    ]
    error_message = "Only roles of pipelines, functions and rules may be made, and only under the boundary."
  }

  assert {
    condition     = { for statement in flatten([for statements in values(local.deploy_statements) : [for statement in statements : { sid = statement.Sid, condition = statement.Condition.StringEquals["iam:PassedToService"], resource = statement.Resource } if contains(flatten([statement.Action]), "iam:PassRole")]]) : statement.condition => statement.resource } == { "lambda.amazonaws.com" = "arn:aws:iam::444444444444:role/lambda-sagemaker-role-*", "events.amazonaws.com" = "arn:aws:iam::444444444444:role/eventbridge-sagemaker-role-*", "sagemaker.amazonaws.com" = "arn:aws:iam::444444444444:role/sagemaker-execution-role-*" }
    error_message = "Each kind of role may be handed to its own service only."
  }

  assert {
    condition = jsondecode(aws_iam_policy.this["deploy-guards"].policy).Statement == [
      {
        Sid         = "TouchNoData"
        Effect      = "Deny"
        Action      = ["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"]
        NotResource = ["arn:aws:s3:::acme-ml-prod-tfstate/*", "arn:aws:s3:::acme-ml-prod-data/code/*", "arn:aws:s3:::acme-ml-model-artifacts/prod/.doctor/*"]
      },
      {
        Sid      = "BecomeNobodyElse"
        Effect   = "Deny"
        Action   = "sts:AssumeRole"
        Resource = "*"
      },
      {
        Sid         = "InvokeNothingElse"
        Effect      = "Deny"
        Action      = "lambda:InvokeFunction"
        NotResource = "arn:aws:lambda:eu-west-1:222222222222:function:acme-ml-registry-ledger-prod"
      },
      {
        Sid      = "KeepKeys"
        Effect   = "Deny"
        Action   = ["kms:DisableKey", "kms:ScheduleKeyDeletion"]
        Resource = "arn:aws:kms:eu-west-1:444444444444:key/*"
      },
      {
        Sid      = "KeepBoundaries"
        Effect   = "Deny"
        Action   = ["iam:DeleteRolePermissionsBoundary", "iam:PutRolePermissionsBoundary"]
        Resource = "arn:aws:iam::444444444444:role/*"
      },
      {
        Sid      = "KeepPolicies"
        Effect   = "Deny"
        Action   = ["iam:AttachRolePolicy", "iam:CreatePolicyVersion", "iam:DeletePolicy", "iam:DeletePolicyVersion", "iam:DetachRolePolicy", "iam:SetDefaultPolicyVersion"]
        Resource = ["arn:aws:iam::444444444444:role/*", "arn:aws:iam::444444444444:policy/*"]
      },
    ]
    error_message = "The policy must hold these statements and no others."
  }

  assert {
    condition = jsondecode(aws_iam_policy.this["deploy-state"].policy).Statement == [
      {
        Sid      = "ReadState"
        Effect   = "Allow"
        Action   = "s3:GetObject"
        Resource = "arn:aws:s3:::acme-ml-prod-tfstate/accounts/prod/terraform.tfstate"
      },
      {
        Sid      = "FindState"
        Effect   = "Allow"
        Action   = "s3:ListBucket"
        Resource = "arn:aws:s3:::acme-ml-prod-tfstate"
      },
      {
        Sid      = "WriteState"
        Effect   = "Allow"
        Action   = "s3:PutObject"
        Resource = [for name in ["terraform.tfstate", "terraform.tfstate.tflock", "promote.lock", "promote.applied"] : "arn:aws:s3:::acme-ml-prod-tfstate/accounts/prod/${name}"]
      },
      {
        Sid      = "ReadLocksAndNote"
        Effect   = "Allow"
        Action   = "s3:GetObject"
        Resource = [for name in ["terraform.tfstate.tflock", "promote.lock", "promote.applied"] : "arn:aws:s3:::acme-ml-prod-tfstate/accounts/prod/${name}"]
      },
      {
        Sid      = "ReleaseLocks"
        Effect   = "Allow"
        Action   = "s3:DeleteObject"
        Resource = [for name in ["terraform.tfstate.tflock", "promote.lock"] : "arn:aws:s3:::acme-ml-prod-tfstate/accounts/prod/${name}"]
      },
      {
        Sid      = "StateRecords"
        Effect   = "Allow"
        Action   = "lambda:InvokeFunction"
        Resource = "arn:aws:lambda:eu-west-1:222222222222:function:acme-ml-registry-ledger-prod"
      },
    ]
    error_message = "Only locks may be removed."
  }

  assert {
    condition     = toset(flatten([for statements in concat(values(local.deploy_statements), values(local.plan_statements)) : [for statement in statements : statement.Resource if statement.Effect == "Allow" && length(setintersection(flatten([statement.Action]), ["s3:GetObject", "s3:PutObject"])) > 0]])) == toset(["arn:aws:s3:::acme-ml-prod-tfstate/accounts/prod/terraform.tfstate", "arn:aws:s3:::acme-ml-prod-tfstate/accounts/prod/terraform.tfstate.tflock", "arn:aws:s3:::acme-ml-prod-tfstate/accounts/prod/promote.applied", "arn:aws:s3:::acme-ml-prod-tfstate/accounts/prod/promote.lock", "arn:aws:s3:::acme-ml-prod-data/code/*", "arn:aws:s3:::acme-ml-model-artifacts/prod/.doctor/*"])
    error_message = "Of all objects only the state, locks, probes and what lies under code/ may be read and written."
  }

  assert {
    condition     = [for statement in flatten(values(local.deploy_statements)) : [statement.Sid, statement.Resource] if statement.Effect == "Allow" && length(setintersection(flatten([statement.Action]), ["s3:DeleteObject", "s3:DeleteObjectVersion"])) > 0] == [["RemoveProbes", ["arn:aws:s3:::acme-ml-prod-data/code/.doctor/*", "arn:aws:s3:::acme-ml-model-artifacts/prod/.doctor/*"]], ["ReleaseLocks", ["arn:aws:s3:::acme-ml-prod-tfstate/accounts/prod/terraform.tfstate.tflock", "arn:aws:s3:::acme-ml-prod-tfstate/accounts/prod/promote.lock"]]]
    error_message = "Only probes and locks may be removed."
  }

  assert {
    condition = [for statement in local.deploy_statements.events : statement if contains(["SendProbeEvent", "ReceiveProbe"], statement.Sid)] == [
      {
        Sid      = "SendProbeEvent"
        Effect   = "Allow"
        Action   = "events:PutEvents"
        Resource = "arn:aws:events:eu-west-1:444444444444:event-bus/default"
        Condition = {
          "ForAllValues:StringEquals" = { "events:source" = ["promotion.doctor"], "events:detail-type" = ["Alert Delivery Probe"] }
          Null                        = { "events:source" = ["false"], "events:detail-type" = ["false"] }
        }
      },
      {
        Sid      = "ReceiveProbe"
        Effect   = "Allow"
        Action   = "sqs:ReceiveMessage"
        Resource = "arn:aws:sqs:eu-west-1:444444444444:acme-ml-prod-doctor-*"
      },
    ]
    error_message = "Jenkins may send the doctor's event only, and read its queues only."
  }

  assert {
    condition = [for statement in concat(local.deploy_statements.pipelines, local.plan_statements.pipelines, local.plan_statements.monitoring, local.plan_statements.state) : statement if contains(["EncryptArtifactProbes", "ReadQuotas", "FindSubscribers", "ReadLocks"], statement.Sid)] == [
      {
        Sid       = "EncryptArtifactProbes"
        Effect    = "Allow"
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = "arn:aws:kms:eu-west-1:222222222222:key/*"
        Condition = { StringEquals = { "kms:ViaService" = "s3.eu-west-1.amazonaws.com" } }
      },
      {
        Sid      = "ReadQuotas"
        Effect   = "Allow"
        Action   = ["servicequotas:ListAWSDefaultServiceQuotas", "servicequotas:ListServiceQuotas"]
        Resource = "*"
      },
      {
        Sid      = "FindSubscribers"
        Effect   = "Allow"
        Action   = "sns:ListSubscriptionsByTopic"
        Resource = "arn:aws:sns:eu-west-1:444444444444:acme-ml-alerts"
      },
      {
        Sid      = "ReadLocks"
        Effect   = "Allow"
        Action   = "s3:GetObject"
        Resource = ["arn:aws:s3:::acme-ml-prod-tfstate/accounts/prod/promote.lock", "arn:aws:s3:::acme-ml-prod-tfstate/accounts/prod/terraform.tfstate.tflock"]
      },
    ]
    error_message = "The doctor may look at quotas, subscribers and locks, and use the registry's key through S3."
  }

  assert {
    condition = [for statement in concat(local.deploy_statements["pipelines"], local.plan_statements["pipelines"]) : statement if contains(["DestroyOwnPipelines", "ReadOwnPipelines"], statement.Sid)] == [
      for statement in [
        { sid = "ReadOwnPipelines", actions = ["sagemaker:DescribePipeline", "sagemaker:ListPipelineExecutions", "sagemaker:ListTags"] },
        { sid = "DestroyOwnPipelines", actions = "sagemaker:DeletePipeline" },
        { sid = "ReadOwnPipelines", actions = ["sagemaker:DescribePipeline", "sagemaker:ListPipelineExecutions", "sagemaker:ListTags"] },
        ] : {
        Sid       = statement.sid
        Effect    = "Allow"
        Action    = statement.actions
        Resource  = "arn:aws:sagemaker:eu-west-1:444444444444:pipeline/*"
        Condition = { Null = { "aws:ResourceTag/promotion:release" = "false" } }
      }
    ]
    error_message = "Of pipelines that no environment names, only what promote wrote may be read and deleted, by the deploy role alone."
  }

  assert {
    condition     = local.bucket_arns == ["arn:aws:s3:::acme-ml-prod-data"]
    error_message = "Neither the state bucket nor a bucket of another account may be changed."
  }

  assert {
    condition     = aws_iam_policy.boundary[0].name == "acme-ml-prod-boundary" && length(setintersection(flatten([for statement in local.boundary_statements.workload : flatten([statement.Action])]), ["iam:CreateRole", "iam:PutRolePolicy", "s3:DeleteObject", "s3:PutBucketPolicy", "sagemaker:UpdateModelPackage", "sagemaker:UpdatePipeline", "sts:AssumeRole"])) == 0
    error_message = "No role that Jenkins makes may change rights, pipelines or approvals."
  }

  assert {
    condition = [for statement in local.keys_change : statement if statement.Sid == "TagKeys"] == [
      {
        Sid      = "TagKeys"
        Effect   = "Allow"
        Action   = "kms:TagResource"
        Resource = "arn:aws:kms:eu-west-1:444444444444:key/*"
        Condition = {
          StringEquals         = { "aws:RequestTag/Project" = "acme-ml" }
          StringEqualsIfExists = { "aws:ResourceTag/Project" = "acme-ml" }
        }
      },
    ]
    error_message = "A key of another project must stay out of reach."
  }

  assert {
    condition     = [for statement in local.boundary_workload : statement.Resource if statement.Sid == "InvokeFunctions"] == [["arn:aws:lambda:eu-west-1:444444444444:function:acme-ml-prod-*", "arn:aws:lambda:eu-west-1:222222222222:function:acme-ml-registry-ledger-prod"]]
    error_message = "Of the ledger's functions an account reaches its own only."
  }
}

run "workload_account_with_studio" {
  command = plan

  variables {
    studio = true
  }

  assert {
    condition     = [for key in keys(aws_iam_policy.this) : key if endswith(key, "-studio")] == ["deploy-studio", "plan-studio"]
    error_message = "The domain needs policies of its own."
  }

  assert {
    condition     = [for statement in local.boundary_statements.workload : statement.Resource if contains(flatten([statement.Action]), "s3:DeleteObject")] == ["arn:aws:s3:::acme-ml-prod-data/studio/*"]
    error_message = "Notebooks may remove what lies in their scratch folder only."
  }

  assert {
    condition     = alltrue([for policy in concat(values(aws_iam_policy.this), aws_iam_policy.boundary) : length(policy.policy) <= 6144])
    error_message = "A managed policy may have 6,144 characters."
  }

  assert {
    condition     = max(length(local.deploy_statements), length(local.plan_statements)) <= 10
    error_message = "A role may have 10 managed policies."
  }

  assert {
    condition     = alltrue([for action in concat(flatten([for statements in values(local.deploy_statements) : [for statement in statements : flatten([statement.Action]) if statement.Effect == "Allow"]]), flatten([for statements in values(local.plan_statements) : [for statement in statements : flatten([statement.Action]) if statement.Effect == "Allow"]]), flatten([for statement in local.boundary_statements[var.kind] : flatten([statement.Action])])) : can(regex("^[a-z0-9]+:[A-Za-z]+$", action))])
    error_message = "Every action must be spelt out."
  }

  assert {
    condition = alltrue(flatten([for statements in concat(values(local.deploy_statements), values(local.plan_statements), [local.boundary_statements[var.kind]]) : [
      for statement in statements : !contains(flatten([try(statement.Resource, [])]), "*") ||
      contains(["CreateKeys", "FindAliases", "FindLogGroups", "FindPipelines", "ListApps", "LogInToRegistries", "ManageBusPolicy", "ManageSubscriptions", "ReadNetwork", "ReadQuotas", "ReadSubscriptions", "WriteJobMetrics"], statement.Sid) || statement.Effect == "Deny"
    ]]))
    error_message = "Only what has no finer grain may be granted on every resource."
  }

  assert {
    condition     = alltrue([for action in flatten([for statements in values(local.plan_statements) : [for statement in statements : flatten([statement.Action]) if statement.Effect == "Allow"]]) : can(regex("^[a-z0-9]+:(Get|List|Describe)", action)) || action == "kms:Decrypt"])
    error_message = "The plan role must read only."
  }

  assert {
    condition     = length(setintersection(flatten([for statements in values(local.plan_statements) : [for statement in statements : flatten([statement.Action]) if statement.Effect == "Allow"]]), ["s3:GetObjectVersion", "dynamodb:Query", "dynamodb:GetItem", "sagemaker:UpdateModelPackage", "iam:PassRole", "sts:AssumeRole"])) == 0
    error_message = "The plan role must read settings, not records, and become nobody else."
  }

  assert {
    condition     = length(setintersection(flatten([for statements in values(local.deploy_statements) : [for statement in statements : flatten([statement.Action]) if statement.Effect == "Allow"]]), ["sagemaker:UpdateModelPackage", "sagemaker:CreateModelPackage", "iam:AttachRolePolicy", "iam:CreatePolicy", "iam:CreatePolicyVersion", "iam:CreateUser", "iam:DeleteRolePermissionsBoundary", "iam:PutRolePermissionsBoundary", "dynamodb:DeleteItem", "dynamodb:DeleteTable", "dynamodb:PutItem", "dynamodb:UpdateItem", "sts:AssumeRole"])) == 0
    error_message = "Jenkins may not approve, widen rights, or write the ledger."
  }

  assert {
    condition     = [for statement in flatten(values(local.deploy_statements)) : statement.Resource if statement.Effect == "Allow" && contains(flatten([statement.Action]), "lambda:InvokeFunction")] == ["arn:aws:lambda:eu-west-1:222222222222:function:acme-ml-registry-ledger-prod"]
    error_message = "Of all functions Jenkins may invoke the one that takes this account's records."
  }
}

run "registry_account" {
  command = plan

  variables {
    kind            = "registry"
    environment     = "registry"
    account_id      = "222222222222"
    linked_accounts = { tooling = "111111111111", dev = "333333333333", prod = "444444444444" }
    buckets         = { state = "acme-ml-registry-tfstate", logs = "acme-ml-registry-logs", artifacts = "acme-ml-model-artifacts" }
    use_cases       = { mammography = { model_package_group = "mammography" } }
    ledger_table    = "acme-ml-ledger"
  }

  assert {
    condition     = keys(aws_iam_policy.this) == [for name in ["deploy-events", "deploy-functions", "deploy-guards", "deploy-keys", "deploy-monitoring", "deploy-registry", "deploy-roles", "deploy-state", "deploy-storage", "plan-access", "plan-events", "plan-functions", "plan-keys", "plan-monitoring", "plan-registry", "plan-roles", "plan-state", "plan-storage"] : name]
    error_message = "The account's kind decides the policies."
  }

  assert {
    condition     = alltrue([for policy in concat(values(aws_iam_policy.this), aws_iam_policy.boundary) : length(policy.policy) <= 6144])
    error_message = "A managed policy may have 6,144 characters."
  }

  assert {
    condition     = max(length(local.deploy_statements), length(local.plan_statements)) <= 10
    error_message = "A role may have 10 managed policies."
  }

  assert {
    condition     = alltrue([for action in concat(flatten([for statements in values(local.deploy_statements) : [for statement in statements : flatten([statement.Action]) if statement.Effect == "Allow"]]), flatten([for statements in values(local.plan_statements) : [for statement in statements : flatten([statement.Action]) if statement.Effect == "Allow"]]), flatten([for statement in local.boundary_statements[var.kind] : flatten([statement.Action])])) : can(regex("^[a-z0-9]+:[A-Za-z]+$", action))])
    error_message = "Every action must be spelt out."
  }

  assert {
    condition = alltrue(flatten([for statements in concat(values(local.deploy_statements), values(local.plan_statements), [local.boundary_statements[var.kind]]) : [
      for statement in statements : !contains(flatten([try(statement.Resource, [])]), "*") ||
      contains(["CreateKeys", "FindAliases", "FindLogGroups", "FindPipelines", "ListApps", "LogInToRegistries", "ManageBusPolicy", "ManageSubscriptions", "ReadNetwork", "ReadQuotas", "ReadSubscriptions", "WriteJobMetrics"], statement.Sid) || statement.Effect == "Deny"
    ]]))
    error_message = "Only what has no finer grain may be granted on every resource."
  }

  assert {
    condition     = alltrue([for action in flatten([for statements in values(local.plan_statements) : [for statement in statements : flatten([statement.Action]) if statement.Effect == "Allow"]]) : can(regex("^[a-z0-9]+:(Get|List|Describe)", action)) || contains(["dynamodb:Query", "kms:Decrypt"], action)])
    error_message = "The plan role must read only."
  }

  assert {
    condition     = length(setintersection(flatten([for statements in values(local.plan_statements) : [for statement in statements : flatten([statement.Action]) if statement.Effect == "Allow"]]), ["s3:GetObjectVersion", "dynamodb:GetItem", "dynamodb:Scan", "sagemaker:UpdateModelPackage", "iam:PassRole", "sts:AssumeRole"])) == 0
    error_message = "The plan role must read, and become nobody else."
  }

  assert {
    condition = local.registry_look == [
      {
        Sid      = "ReadModelVersions"
        Effect   = "Allow"
        Action   = ["sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages"]
        Resource = ["arn:aws:sagemaker:eu-west-1:222222222222:model-package-group/mammography", "arn:aws:sagemaker:eu-west-1:222222222222:model-package/mammography/*"]
      },
      {
        Sid      = "ReadLedger"
        Effect   = "Allow"
        Action   = "dynamodb:Query"
        Resource = "arn:aws:dynamodb:eu-west-1:222222222222:table/acme-ml-ledger"
      },
      {
        Sid      = "ReadReleases"
        Effect   = "Allow"
        Action   = "s3:GetObject"
        Resource = "arn:aws:s3:::acme-ml-model-artifacts/releases/*"
      },
      {
        Sid       = "DecryptLedgerAndReleases"
        Effect    = "Allow"
        Action    = "kms:Decrypt"
        Resource  = "arn:aws:kms:eu-west-1:222222222222:key/*"
        Condition = { StringEquals = { "aws:ResourceTag/Project" = "acme-ml", "kms:ViaService" = ["dynamodb.eu-west-1.amazonaws.com", "s3.eu-west-1.amazonaws.com"] } }
      },
    ]
    error_message = "For the gates, the plan role reads the ledger and the published releases, and no other object."
  }

  assert {
    condition     = length(setintersection(flatten([for statements in values(local.deploy_statements) : [for statement in statements : flatten([statement.Action]) if statement.Effect == "Allow"]]), ["sagemaker:UpdateModelPackage", "sagemaker:CreateModelPackage", "iam:AttachRolePolicy", "iam:CreatePolicy", "iam:CreatePolicyVersion", "iam:CreateUser", "iam:DeleteRolePermissionsBoundary", "iam:PutRolePermissionsBoundary", "dynamodb:DeleteItem", "dynamodb:DeleteTable", "dynamodb:PutItem", "dynamodb:UpdateItem", "sts:AssumeRole"])) == 0
    error_message = "Jenkins may not approve, widen rights, or write the ledger."
  }

  assert {
    condition     = [for statement in flatten(values(local.deploy_statements)) : statement.Resource if statement.Effect == "Allow" && contains(flatten([statement.Action]), "lambda:InvokeFunction")] == ["arn:aws:lambda:eu-west-1:222222222222:function:acme-ml-registry-ledger-registry"]
    error_message = "Of all functions Jenkins may invoke the one that takes this account's records."
  }

  assert {
    condition = [for statement in jsondecode(aws_iam_policy.this["deploy-guards"].policy).Statement : statement if !contains(["KeepBoundaries", "KeepPolicies"], statement.Sid)] == [
      {
        Sid         = "TouchNoData"
        Effect      = "Deny"
        Action      = ["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"]
        NotResource = ["arn:aws:s3:::acme-ml-registry-tfstate/*"]
      },
      {
        Sid      = "BecomeNobodyElse"
        Effect   = "Deny"
        Action   = "sts:AssumeRole"
        Resource = "*"
      },
      {
        Sid         = "InvokeNothingElse"
        Effect      = "Deny"
        Action      = "lambda:InvokeFunction"
        NotResource = "arn:aws:lambda:eu-west-1:222222222222:function:acme-ml-registry-ledger-registry"
      },
      {
        Sid      = "KeepKeys"
        Effect   = "Deny"
        Action   = ["kms:DisableKey", "kms:ScheduleKeyDeletion"]
        Resource = "arn:aws:kms:eu-west-1:222222222222:key/*"
      },
      {
        Sid      = "ApproveNothing"
        Effect   = "Deny"
        Action   = ["sagemaker:CreateModelPackage", "sagemaker:DeleteModelPackage", "sagemaker:UpdateModelPackage"]
        Resource = ["arn:aws:sagemaker:eu-west-1:222222222222:model-package-group/mammography", "arn:aws:sagemaker:eu-west-1:222222222222:model-package/mammography/*"]
      },
      {
        Sid    = "KeepLedger"
        Effect = "Deny"
        Action = [
          "dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:DeleteTable", "dynamodb:PartiQLDelete",
          "dynamodb:PartiQLInsert", "dynamodb:PartiQLUpdate", "dynamodb:UpdateItem", "dynamodb:UpdateTimeToLive",
        ]
        Resource = "arn:aws:dynamodb:eu-west-1:222222222222:table/acme-ml-ledger"
      },
      {
        Sid      = "WriteNoRecord"
        Effect   = "Deny"
        Action   = "dynamodb:PutItem"
        Resource = "arn:aws:dynamodb:eu-west-1:222222222222:table/acme-ml-ledger"
      },
      {
        Sid      = "KeepLedgerLog"
        Effect   = "Deny"
        Action   = ["logs:DeleteLogGroup", "logs:DeleteLogStream"]
        Resource = ["arn:aws:logs:eu-west-1:222222222222:log-group:/aws/lambda/acme-ml-registry-ledger*"]
      },
    ]
    error_message = "Whatever the policies of groups and table say, Jenkins may not approve or alter the ledger."
  }

  assert {
    condition = { for name, sid in { functions = "ManageFunctions", monitoring = "ManageLogGroups" } : sid => one([for statement in jsondecode(aws_iam_policy.this["deploy-${name}"].policy).Statement : statement.Action if statement.Sid == sid]) } == {
      ManageFunctions = ["lambda:AddPermission", "lambda:CreateFunction", "lambda:PutFunctionEventInvokeConfig", "lambda:TagResource", "lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration"]
      ManageLogGroups = ["logs:CreateLogGroup", "logs:PutRetentionPolicy", "logs:TagResource"]
    }
    error_message = "Jenkins removes neither what writes the ledger nor its log."
  }

  assert {
    condition     = [for statement in jsondecode(aws_iam_policy.boundary[0].policy).Statement : statement.Sid if statement.Effect == "Deny"] == ["ApproveNothing", "OnlyReviewReopens", "ReviewOnlyReopens", "KeepLedger", "OneLedgerWriter"]
    error_message = "Nor may a role that Jenkins makes."
  }

  assert {
    condition = [for statement in jsondecode(aws_iam_policy.boundary[0].policy).Statement : statement if strcontains(jsonencode(statement.Action), "UpdateModelPackage") && statement.Effect == "Deny"] == [
      {
        Sid       = "OnlyReviewReopens"
        Effect    = "Deny"
        Action    = "sagemaker:UpdateModelPackage"
        Resource  = ["arn:aws:sagemaker:eu-west-1:222222222222:model-package/mammography/*"]
        Condition = { ArnNotEquals = { "aws:PrincipalArn" = "arn:aws:iam::222222222222:role/lambda-sagemaker-role-approval-review" } }
      },
      {
        Sid       = "ReviewOnlyReopens"
        Effect    = "Deny"
        Action    = "sagemaker:UpdateModelPackage"
        Resource  = ["arn:aws:sagemaker:eu-west-1:222222222222:model-package/mammography/*"]
        Condition = { StringNotEquals = { "sagemaker:ModelApprovalStatus" = "PendingManualApproval" } }
      },
    ]
    error_message = "One role that Jenkins makes may put a version back to pending, and do nothing else to it."
  }

  assert {
    condition = [for statement in jsondecode(aws_iam_policy.boundary[0].policy).Statement : statement if statement.Sid == "OneLedgerWriter"] == [
      {
        Sid       = "OneLedgerWriter"
        Effect    = "Deny"
        Action    = "dynamodb:PutItem"
        Resource  = "arn:aws:dynamodb:eu-west-1:222222222222:table/acme-ml-ledger"
        Condition = { ArnNotEquals = { "aws:PrincipalArn" = [for name in ["ledger", "ledger-registry", "ledger-dev", "ledger-prod", "ledger-tooling"] : "arn:aws:iam::222222222222:role/lambda-sagemaker-role-${name}"] } }
      },
    ]
    error_message = "Of the roles that Jenkins makes, the ledger's functions alone may write records."
  }

  assert {
    condition     = length([for statement in local.keys_change : statement if contains(flatten([statement.Action]), "kms:ScheduleKeyDeletion")]) == 0
    error_message = "Keys are deleted by an administrator."
  }

  assert {
    condition     = local.managed_role_arns == ["arn:aws:iam::222222222222:role/lambda-sagemaker-role-*", "arn:aws:iam::222222222222:role/eventbridge-sagemaker-role-*"]
    error_message = "Only the roles of functions and rules may be changed."
  }

  assert {
    condition     = [for statement in local.access_look : statement.Resource if statement.Sid == "ReadAccessRoles"] == [[for name in ["cross-account-jenkins-role", "jenkins-plan-role", "model-approver-role", "model-auditor-role", "break-glass-role"] : "arn:aws:iam::222222222222:role/${name}"]]
    error_message = "A plan reads the roles that an administrator makes."
  }
}

run "tooling_account" {
  command = plan

  variables {
    kind            = "tooling"
    environment     = "tooling"
    account_id      = "111111111111"
    linked_accounts = { registry = "222222222222", dev = "333333333333" }
    buckets         = { state = "acme-ml-tooling-tfstate", logs = "acme-ml-tooling-logs" }
    use_cases       = {}
    alerts_topic    = ""

    build_alert_emails = ["ml-platform@example.com"]
  }

  assert {
    condition     = keys(aws_iam_policy.this) == [for name in ["deploy-guards", "deploy-state", "plan-access", "plan-state"] : name]
    error_message = "The account's kind decides the policies."
  }

  assert {
    condition     = alltrue([for policy in concat(values(aws_iam_policy.this), aws_iam_policy.boundary) : length(policy.policy) <= 6144])
    error_message = "A managed policy may have 6,144 characters."
  }

  assert {
    condition     = max(length(local.deploy_statements), length(local.plan_statements)) <= 10
    error_message = "A role may have 10 managed policies."
  }

  assert {
    condition     = alltrue([for action in concat(flatten([for statements in values(local.deploy_statements) : [for statement in statements : flatten([statement.Action]) if statement.Effect == "Allow"]]), flatten([for statements in values(local.plan_statements) : [for statement in statements : flatten([statement.Action]) if statement.Effect == "Allow"]]), flatten([for statement in local.boundary_statements[var.kind] : flatten([statement.Action])])) : can(regex("^[a-z0-9]+:[A-Za-z]+$", action))])
    error_message = "Every action must be spelt out."
  }

  assert {
    condition = alltrue(flatten([for statements in concat(values(local.deploy_statements), values(local.plan_statements), [local.boundary_statements[var.kind]]) : [
      for statement in statements : !contains(flatten([try(statement.Resource, [])]), "*") ||
      contains(["CreateKeys", "FindAliases", "FindBuildLog", "FindLogGroups", "FindPipelines", "ListApps", "LogInToRegistries", "ManageBusPolicy", "ManageSubscriptions", "ReadNetwork", "ReadQuotas", "ReadSubscriptions", "WriteJobMetrics"], statement.Sid) || statement.Effect == "Deny"
    ]]))
    error_message = "Only what has no finer grain may be granted on every resource."
  }

  assert {
    condition     = alltrue([for action in flatten([for statements in values(local.plan_statements) : [for statement in statements : flatten([statement.Action]) if statement.Effect == "Allow"]]) : can(regex("^[a-z0-9]+:(Get|List|Describe)", action)) || action == "kms:Decrypt"])
    error_message = "The plan role must read only."
  }

  assert {
    condition     = length(setintersection(flatten([for statements in values(local.plan_statements) : [for statement in statements : flatten([statement.Action]) if statement.Effect == "Allow"]]), ["s3:GetObjectVersion", "dynamodb:Query", "dynamodb:GetItem", "sagemaker:UpdateModelPackage", "iam:PassRole", "sts:AssumeRole"])) == 0
    error_message = "The plan role must read settings, not records, and become nobody else."
  }

  assert {
    condition     = length(setintersection(flatten([for statements in values(local.deploy_statements) : [for statement in statements : flatten([statement.Action]) if statement.Effect == "Allow"]]), ["sagemaker:UpdateModelPackage", "sagemaker:CreateModelPackage", "iam:AttachRolePolicy", "iam:CreatePolicy", "iam:CreatePolicyVersion", "iam:CreateUser", "iam:DeleteRolePermissionsBoundary", "iam:PutRolePermissionsBoundary", "dynamodb:DeleteItem", "dynamodb:DeleteTable", "dynamodb:PutItem", "dynamodb:UpdateItem", "sts:AssumeRole"])) == 0
    error_message = "Jenkins may not approve, widen rights, or write the ledger."
  }

  assert {
    condition     = [for statement in flatten(values(local.deploy_statements)) : statement.Resource if statement.Effect == "Allow" && contains(flatten([statement.Action]), "lambda:InvokeFunction")] == ["arn:aws:lambda:eu-west-1:222222222222:function:acme-ml-registry-ledger-tooling"]
    error_message = "Of all functions Jenkins may invoke the one that takes this account's records."
  }

  assert {
    condition     = length(aws_iam_policy.boundary) == 0 && output.boundary_arn == null
    error_message = "Jenkins makes no roles here."
  }

  assert {
    condition = jsondecode(aws_iam_role.jenkins[0].assume_role_policy).Statement == [
      {
        Sid       = "Ec2Instance"
        Effect    = "Allow"
        Principal = { Service = "ec2.amazonaws.com" }
        Action    = "sts:AssumeRole"
      },
      {
        Sid       = "ItselfForAStage"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:root" }
        Action    = "sts:AssumeRole"
        Condition = { ArnEquals = { "aws:PrincipalArn" = "arn:aws:iam::111111111111:role/jenkins-role" } }
      },
    ]
    error_message = "The policy must hold these statements and no others."
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.jenkins[0].policy).Statement == [
      {
        Sid    = "BecomePlanAndDeployRoles"
        Effect = "Allow"
        Action = "sts:AssumeRole"
        Resource = [
          "arn:aws:iam::111111111111:role/cross-account-jenkins-role", "arn:aws:iam::111111111111:role/jenkins-plan-role",
          "arn:aws:iam::333333333333:role/cross-account-jenkins-role", "arn:aws:iam::333333333333:role/jenkins-plan-role",
          "arn:aws:iam::222222222222:role/cross-account-jenkins-role", "arn:aws:iam::222222222222:role/jenkins-plan-role",
        ]
      },
      {
        Sid      = "BecomeBuildRole"
        Effect   = "Allow"
        Action   = "sts:AssumeRole"
        Resource = "arn:aws:iam::111111111111:role/jenkins-build-role"
      },
      {
        Sid      = "BecomeItselfForAStage"
        Effect   = "Allow"
        Action   = "sts:AssumeRole"
        Resource = "arn:aws:iam::111111111111:role/jenkins-role"
      },
      {
        Sid      = "KeepBuildLogs"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:FilterLogEvents", "logs:GetLogEvents", "logs:PutLogEvents"]
        Resource = "arn:aws:logs:eu-west-1:111111111111:log-group:jenkins-log:*"
      },
    ]
    error_message = "The policy must hold these statements and no others."
  }

  assert {
    condition = [for statement in jsondecode(aws_iam_policy.this["plan-access"].policy).Statement : statement if startswith(try(flatten([statement.Action])[0], ""), "kms:")] == [
      {
        Sid       = "ReadKeys"
        Effect    = "Allow"
        Action    = ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags"]
        Resource  = "arn:aws:kms:eu-west-1:111111111111:key/*"
        Condition = { StringEquals = { "aws:ResourceTag/Project" = "acme-ml" } }
      },
      {
        Sid      = "FindAliases"
        Effect   = "Allow"
        Action   = "kms:ListAliases"
        Resource = "*"
      },
      {
        Sid       = "ReadPublicKey"
        Effect    = "Allow"
        Action    = "kms:GetPublicKey"
        Resource  = "arn:aws:kms:eu-west-1:111111111111:key/*"
        Condition = { StringEquals = { "kms:RequestAlias" = "alias/acme-ml-release-signing" } }
      },
    ]
    error_message = "The plan role reads the release signing key, and signs nothing."
  }

  assert {
    condition     = [for statement in local.access_look : statement.Resource if statement.Sid == "ReadAccessRoles"] == [[for name in ["cross-account-jenkins-role", "jenkins-plan-role", "jenkins-role", "jenkins-build-role"] : "arn:aws:iam::111111111111:role/${name}"]]
    error_message = "A plan reads the roles that an administrator makes."
  }

  assert {
    condition     = [aws_cloudwatch_log_group.jenkins[0].name, aws_cloudwatch_log_group.jenkins[0].retention_in_days, aws_sns_topic.jenkins[0].name, aws_sns_topic.jenkins[0].kms_master_key_id] == ["jenkins-log", 365, "acme-ml-jenkins-alerts", "alias/aws/sns"]
    error_message = "Builds write one log group, kept a year, and tell people through one topic."
  }

  assert {
    condition = jsondecode(aws_sns_topic_policy.jenkins[0].policy).Statement == [
      {
        Sid       = "TellPeople"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::111111111111:role/jenkins-role" }
        Action    = "sns:Publish"
        Resource  = "arn:aws:sns:eu-west-1:111111111111:acme-ml-jenkins-alerts"
      },
    ]
    error_message = "Nobody but Jenkins publishes there."
  }

  assert {
    condition     = { for email, subscription in aws_sns_topic_subscription.jenkins : email => [subscription.protocol, subscription.endpoint] } == { "ml-platform@example.com" = ["email", "ml-platform@example.com"] }
    error_message = "Each address is subscribed to what builds tell."
  }

  assert {
    condition     = [for statement in local.access_look : statement.Action if statement.Sid == "ReadSubscriptions"] == ["sns:GetSubscriptionAttributes"]
    error_message = "A plan reads the subscriptions."
  }

  assert {
    condition     = aws_iam_instance_profile.jenkins[0].name == "jenkins-role"
    error_message = "The instance needs a profile of the role's name."
  }
}
