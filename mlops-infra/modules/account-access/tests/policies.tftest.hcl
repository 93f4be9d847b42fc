mock_provider "aws" {
  mock_resource "aws_iam_role" {
    defaults        = { arn = "arn:aws:iam::222222222222:role/made" }
    override_during = plan
  }
  mock_resource "aws_kms_key" {
    defaults        = { arn = "arn:aws:kms:eu-west-1:111111111111:key/made" }
    override_during = plan
  }
  mock_resource "aws_iam_policy" {
    defaults        = { arn = "arn:aws:iam::222222222222:policy/made" }
    override_during = plan
  }
}

variables {
  kind            = "registry"
  project         = "acme-ml"
  environment     = "registry"
  account_id      = "222222222222"
  region          = "eu-west-1"
  linked_accounts = { tooling = "111111111111", dev = "333333333333", prod = "444444444444" }
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
  buckets      = { state = "acme-ml-registry-tfstate", logs = "acme-ml-registry-logs", artifacts = "acme-ml-model-artifacts" }
  use_cases    = { mammography = { model_package_group = "mammography" } }
  event_bus    = "default"
  alerts_topic = "acme-ml-alerts"
  ledger_table = "acme-ml-ledger"
  studio       = false
  approvers    = ["arn:aws:iam::111111111111:user/approver"]
  auditors     = ["arn:aws:iam::111111111111:user/auditor"]
  break_glass  = ["arn:aws:iam::111111111111:user/on-call"]
}

run "registry_has_people_besides_jenkins" {
  command = plan

  assert {
    condition     = length(module.release_signing) == 0 && output.build_role_arn == null
    error_message = "Releases are signed in the tooling account only."
  }

  assert {
    condition     = length(module.people_access) == 1 && output.approver_role_arn != null && output.auditor_role_arn != null && output.break_glass_role_arn != null
    error_message = "People decide, audit and repair in the registry."
  }

  assert {
    condition     = output.deploy_role_arn != null && output.plan_role_arn != null && output.jenkins_role_arn == null && module.jenkins_access.boundary_arn != null
    error_message = "Jenkins becomes two bounded roles here, and has none of its own."
  }

  assert {
    condition     = output.log_bucket == "acme-ml-registry-logs" && strcontains(module.state_backend.policy, "arn:aws:s3:::acme-ml-registry-tfstate")
    error_message = "The buckets must have their names."
  }

  assert {
    condition     = local.logged_buckets[var.kind] == ["acme-ml-registry-tfstate", "acme-ml-model-artifacts"] && strcontains(module.log_bucket.policy, "arn:aws:s3:::acme-ml-model-artifacts") && !strcontains(module.log_bucket.policy, "arn:aws:s3:::acme-ml-registry-data")
    error_message = "State and artifacts, and nothing else, are logged."
  }
}

run "workload_account_has_jenkins_and_no_people" {
  command = plan

  variables {
    kind            = "workload"
    environment     = "prod"
    account_id      = "444444444444"
    linked_accounts = { tooling = "111111111111", registry = "222222222222", dev = "333333333333" }
    buckets         = { state = "acme-ml-prod-tfstate", logs = "acme-ml-prod-logs", data = "acme-ml-prod-data", artifacts = "acme-ml-model-artifacts" }
    use_cases       = { mammography = { model_package_group = "mammography", pipelines = { train = "mammography-train" } } }
    ledger_table    = ""
    approvers       = []
    auditors        = []
    break_glass     = []
  }

  assert {
    condition     = length(module.people_access) == 0 && output.approver_role_arn == null && output.auditor_role_arn == null && output.break_glass_role_arn == null
    error_message = "Nobody decides on models but in the registry."
  }

  assert {
    condition     = output.deploy_role_arn != null && output.plan_role_arn != null && output.jenkins_role_arn == null && module.jenkins_access.boundary_arn != null
    error_message = "Jenkins becomes two bounded roles here, and has none of its own."
  }

  assert {
    condition     = strcontains(module.log_bucket.policy, "arn:aws:s3:::acme-ml-prod-data") && strcontains(module.log_bucket.policy, "arn:aws:s3:::acme-ml-prod-tfstate") && !strcontains(module.log_bucket.policy, "acme-ml-model-artifacts")
    error_message = "State and data, and nothing else, are logged."
  }
}

run "tooling_account_has_jenkins_itself" {
  command = plan

  variables {
    kind            = "tooling"
    environment     = "tooling"
    account_id      = "111111111111"
    linked_accounts = { registry = "222222222222", dev = "333333333333" }
    buckets         = { state = "acme-ml-tooling-tfstate", logs = "acme-ml-tooling-logs", artifacts = "acme-ml-model-artifacts" }
    use_cases       = {}
    alerts_topic    = ""
    ledger_table    = ""
    approvers       = []
    auditors        = []
    break_glass     = []
  }

  assert {
    condition     = output.jenkins_role_arn != null && length(module.people_access) == 0
    error_message = "Jenkins lives here, and people's roles do not."
  }

  assert {
    condition     = output.build_role_arn != null && length(module.release_signing) == 1
    error_message = "Releases are signed here."
  }

  assert {
    condition     = local.logged_buckets[var.kind] == ["acme-ml-tooling-tfstate"]
    error_message = "There is the state to log, and nothing else."
  }
}
