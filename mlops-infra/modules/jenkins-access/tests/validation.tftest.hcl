# Each validation refuses one bad value; the good values above and in `accepts_*` pass.

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

run "accepts_good_values" {
  command = plan
}

run "accepts_tooling_without_use_cases_and_topic" {
  command = plan

  variables {
    kind            = "tooling"
    environment     = "tooling"
    account_id      = "111111111111"
    linked_accounts = { registry = "222222222222", dev = "333333333333" }
    buckets         = { state = "acme-ml-tooling-tfstate", logs = "acme-ml-tooling-logs" }
    use_cases       = {}
    alerts_topic    = ""
  }
}

run "accepts_registry" {
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
}

# One bad value for every variable that is checked on its own: each must be reported.
run "rejects_a_bad_value_of_every_variable" {
  command = plan

  variables {
    kind        = "sandbox"
    project     = "Acme"
    environment = "dev/eu"
    account_id  = "44444444444"
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
    max_session_seconds = 900
    event_bus           = "aws.partner/acme"
    build_alert_emails  = ["nobody"]
  }

  expect_failures = [
    var.kind,
    var.project,
    var.environment,
    var.account_id,
    var.region,
    var.external_id,
    var.roles,
    var.max_session_seconds,
    var.event_bus,
    var.build_alert_emails,
  ]
}

# The same for those whose check looks at the account's kind too.
run "rejects_a_bad_value_for_a_workload_account" {
  command = plan

  variables {
    linked_accounts = { tooling = "1", registry = "222222222222" }
    buckets         = { state = "Acme", logs = "acme-ml-prod-logs", data = "acme-ml-prod-data", artifacts = "acme-ml-model-artifacts" }
    use_cases       = { mammography = { model_package_group = "mammo_graphy" } }
    alerts_topic    = "alerts.fifo"
  }

  expect_failures = [
    var.linked_accounts,
    var.buckets,
    var.use_cases,
    var.alerts_topic,
  ]
}

run "rejects_long_session" {
  command = plan

  variables {
    max_session_seconds = 50000
  }

  expect_failures = [var.max_session_seconds]
}

run "rejects_external_id_with_a_space" {
  command = plan

  variables {
    external_id = "acme ml"
  }

  expect_failures = [var.external_id]
}

run "rejects_workload_without_registry_account" {
  command = plan

  variables {
    linked_accounts = { tooling = "111111111111" }
  }

  expect_failures = [var.linked_accounts]
}

run "rejects_two_roles_of_one_name" {
  command = plan

  variables {
    roles = {
      jenkins     = "jenkins-role"
      deploy      = "cross-account-jenkins-role"
      plan        = "jenkins-plan-role"
      execution   = "sagemaker-execution-role"
      lambda      = "lambda-sagemaker-role"
      events      = "eventbridge-sagemaker-role"
      approver    = "jenkins-role"
      auditor     = "model-auditor-role"
      break_glass = "break-glass-role"
    }
  }

  expect_failures = [var.roles]
}

run "rejects_access_role_among_those_that_jenkins_manages" {
  command = plan

  variables {
    roles = {
      jenkins     = "jenkins-role"
      deploy      = "lambda-sagemaker-role-deploy"
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

run "rejects_no_data_bucket_in_a_workload_account" {
  command = plan

  variables {
    buckets = { state = "acme-ml-prod-tfstate", logs = "acme-ml-prod-logs", artifacts = "acme-ml-model-artifacts" }
  }

  expect_failures = [var.buckets]
}

run "rejects_no_artifact_bucket_in_the_registry_account" {
  command = plan

  variables {
    kind            = "registry"
    environment     = "registry"
    account_id      = "222222222222"
    linked_accounts = { tooling = "111111111111", dev = "333333333333", prod = "444444444444" }
    buckets         = { state = "acme-ml-registry-tfstate", logs = "acme-ml-registry-logs" }
    use_cases       = { mammography = { model_package_group = "mammography" } }
    ledger_table    = "acme-ml-ledger"
  }

  expect_failures = [var.buckets]
}

run "rejects_pipeline_in_capitals" {
  command = plan

  variables {
    use_cases = { mammography = { model_package_group = "mammography", pipelines = { train = "Train" } } }
  }

  expect_failures = [var.use_cases]
}

run "rejects_no_use_case_in_a_workload_account" {
  command = plan

  variables {
    use_cases = {}
  }

  expect_failures = [var.use_cases]
}

run "rejects_no_topic_in_a_workload_account" {
  command = plan

  variables {
    alerts_topic = ""
  }

  expect_failures = [var.alerts_topic]
}

run "rejects_no_ledger_in_the_registry_account" {
  command = plan

  variables {
    kind            = "registry"
    environment     = "registry"
    account_id      = "222222222222"
    linked_accounts = { tooling = "111111111111", dev = "333333333333", prod = "444444444444" }
    buckets         = { state = "acme-ml-registry-tfstate", logs = "acme-ml-registry-logs", artifacts = "acme-ml-model-artifacts" }
    use_cases       = { mammography = { model_package_group = "mammography" } }
  }

  expect_failures = [var.ledger_table]
}

run "rejects_no_account_for_jenkins" {
  command = plan

  variables {
    linked_accounts = { registry = "222222222222" }
  }

  expect_failures = [var.linked_accounts]
}
