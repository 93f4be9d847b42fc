# Each validation refuses one bad value; the good values above and in `accepts_*` pass.

mock_provider "aws" {}

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

run "accepts_good_values" {
  command = plan
}

run "accepts_a_workload_account" {
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
}

run "accepts_a_tooling_account" {
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
}

# One bad value for every variable that is checked on its own: each must be reported.
run "rejects_a_bad_value_of_every_variable" {
  command = plan

  variables {
    kind        = "sandbox"
    project     = "Acme"
    environment = "dev/eu"
    account_id  = "22222222222"
    region      = "eu west 1"
    external_id = "x"
    roles = {
      jenkins     = "path/jenkins"
      deploy      = "cross-account-jenkins-role"
      plan        = "jenkins-plan-role"
      execution   = "sagemaker-execution-role"
      lambda      = "lambda-sagemaker-role"
      events      = "eventbridge-sagemaker-role"
      approver    = "model-approver-role"
      auditor     = "model-auditor-role"
      break_glass = "break-glass-role"
    }
    event_bus          = "aws.partner/acme"
    build_alert_emails = ["nobody"]
  }

  expect_failures = [
    var.kind,
    var.project,
    var.environment,
    var.account_id,
    var.region,
    var.external_id,
    var.roles,
    var.event_bus,
    var.build_alert_emails,
  ]
}

# The same for those whose check looks at the account's kind too.
run "rejects_a_bad_value_for_the_registry" {
  command = plan

  variables {
    linked_accounts = { tooling = "1" }
    buckets         = { state = "Acme", logs = "acme-ml-registry-logs", artifacts = "acme-ml-model-artifacts" }
    use_cases       = { mammography = { model_package_group = "mammo_graphy" } }
    alerts_topic    = "alerts.fifo"
    ledger_table    = "my ledger"
    approvers       = ["*"]
    auditors        = ["arn:aws:iam::111111111111:root"]
    break_glass     = ["on-call"]
  }

  expect_failures = [
    var.linked_accounts,
    var.buckets,
    var.use_cases,
    var.alerts_topic,
    var.ledger_table,
    var.approvers,
    var.auditors,
    var.break_glass,
  ]
}

run "rejects_a_registry_of_nobody_and_nothing" {
  command = plan

  variables {
    linked_accounts = { dev = "333333333333" }
    buckets         = { state = "acme-ml-registry-tfstate", logs = "acme-ml-registry-logs" }
    use_cases       = {}
    ledger_table    = ""
    approvers       = []
    auditors        = []
    break_glass     = []
  }

  expect_failures = [
    var.linked_accounts,
    var.buckets,
    var.use_cases,
    var.ledger_table,
    var.approvers,
    var.auditors,
    var.break_glass,
  ]
}

run "rejects_a_workload_account_without_its_needs_and_with_people" {
  command = plan

  variables {
    kind            = "workload"
    linked_accounts = { tooling = "111111111111" }
    buckets         = { state = "acme-ml-prod-tfstate", logs = "acme-ml-prod-logs" }
    use_cases       = { mammography = { model_package_group = "mammography", pipelines = { train = "Train" } } }
  }

  expect_failures = [
    var.linked_accounts,
    var.buckets,
    var.use_cases,
    var.approvers,
    var.auditors,
    var.break_glass,
  ]
}

run "rejects_a_tooling_account_with_nowhere_to_store_releases" {
  command = plan

  variables {
    kind            = "tooling"
    linked_accounts = { dev = "333333333333" }
    buckets         = { state = "acme-ml-tooling-tfstate", logs = "acme-ml-tooling-logs" }
    use_cases       = {}
    approvers       = []
    auditors        = []
    break_glass     = []
  }

  expect_failures = [var.linked_accounts, var.buckets]
}

run "rejects_two_roles_of_one_name" {
  command = plan

  variables {
    roles = {
      jenkins     = "jenkins-role"
      deploy      = "jenkins-role"
      plan        = "jenkins-plan-role"
      execution   = "sagemaker-execution-role"
      lambda      = "lambda-sagemaker-role"
      events      = "eventbridge-sagemaker-role"
      approver    = "model-approver-role"
      auditor     = "model-auditor-role"
      break_glass = "break-glass-role"
    }
  }

  expect_failures = [var.roles]
}

run "rejects_an_access_role_that_the_deploy_role_would_manage" {
  command = plan

  variables {
    roles = {
      jenkins     = "jenkins-role"
      deploy      = "cross-account-jenkins-role"
      plan        = "jenkins-plan-role"
      execution   = "sagemaker-execution-role"
      lambda      = "lambda-sagemaker-role"
      events      = "eventbridge-sagemaker-role"
      approver    = "lambda-sagemaker-role-approver"
      auditor     = "model-auditor-role"
      break_glass = "break-glass-role"
    }
  }

  expect_failures = [var.roles]
}

run "rejects_an_external_id_with_a_space" {
  command = plan

  variables {
    external_id = "acme ml"
  }

  expect_failures = [var.external_id]
}
