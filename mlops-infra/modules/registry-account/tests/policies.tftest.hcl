mock_provider "aws" {}

variables {
  project         = "acme-ml"
  environment     = "registry"
  account_id      = "222222222222"
  region          = "eu-west-1"
  linked_accounts = { tooling = "111111111111", dev = "333333333333", prod = "444444444444" }
  buckets         = { state = "acme-ml-registry-tfstate", artifacts = "acme-ml-model-artifacts" }
  log_bucket      = "acme-ml-registry-logs"
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
  alerts    = { topic = "acme-ml-alerts", emails = ["ml-platform@example.com"] }
  use_cases = { mammography = { model_package_group = "mammography" } }

  ledger         = { table = "acme-ml-ledger" }
  lambda_package = "../lambda-function/tests/empty.zip"
}

run "every_linked_account_but_tooling_registers_models" {
  command = plan

  assert {
    condition     = local.workload_accounts == { dev = "333333333333", prod = "444444444444" }
    error_message = "Tooling runs no workloads."
  }

  assert {
    condition     = local.name_prefix == "acme-ml-registry"
    error_message = "Names start with project and environment."
  }

  assert {
    condition     = local.model_package_groups == { mammography = "mammography" }
    error_message = "Every use case has its group."
  }
}

run "ledger_is_protected_unless_told_otherwise" {
  command = plan

  assert {
    condition     = var.ledger == { table = "acme-ml-ledger", deletion_protection = true }
    error_message = "Nobody may delete the ledger by default."
  }
}
