# Each validation refuses one bad value; the good values above and in `accepts_*` pass.

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

run "accepts_good_values" {
  command = plan
}

# One bad value for every variable that is checked on its own: each must be reported.
run "rejects_a_bad_value_of_every_variable" {
  command = plan

  variables {
    project     = "Acme"
    environment = "dev/eu"
    account_id  = "22222222222"
    region      = "eu west 1"
    buckets     = { state = "Acme", artifacts = "acme-ml-model-artifacts" }
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
    alerts    = { topic = "alerts.fifo", emails = [] }
    use_cases = { Mammography = { model_package_group = "mammography" } }

    ledger         = { table = "my ledger" }
    lambda_package = "handlers.tar"
  }

  expect_failures = [
    var.project,
    var.environment,
    var.account_id,
    var.region,
    var.buckets,
    var.roles,
    var.alerts,
    var.use_cases,
    var.ledger,
    var.lambda_package,
  ]
}

run "rejects_log_bucket_among_the_others" {
  command = plan

  variables {
    log_bucket = "acme-ml-model-artifacts"
  }

  expect_failures = [var.log_bucket]
}

run "rejects_short_linked_account_id" {
  command = plan

  variables {
    linked_accounts = { tooling = "1" }
  }

  expect_failures = [var.linked_accounts]
}

run "rejects_account_linked_to_itself" {
  command = plan

  variables {
    linked_accounts = { tooling = "222222222222" }
  }

  expect_failures = [var.linked_accounts]
}

run "rejects_linked_name_in_capitals" {
  command = plan

  variables {
    linked_accounts = { tooling = "111111111111", Dev = "333333333333" }
  }

  expect_failures = [var.linked_accounts]
}

run "rejects_no_tooling_account" {
  command = plan

  variables {
    linked_accounts = { dev = "333333333333" }
  }

  expect_failures = [var.linked_accounts]
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

run "rejects_address_without_domain" {
  command = plan

  variables {
    alerts = { topic = "alerts", emails = ["ml-platform"] }
  }

  expect_failures = [var.alerts]
}

run "rejects_no_use_case" {
  command = plan

  variables {
    use_cases = {}
  }

  expect_failures = [var.use_cases]
}

run "rejects_group_with_an_underscore" {
  command = plan

  variables {
    use_cases = { mammography = { model_package_group = "mammo_graphy" } }
  }

  expect_failures = [var.use_cases]
}

run "rejects_bucket_name_that_s3_reserves" {
  command = plan

  variables {
    buckets = { state = "acme-ml-registry-tfstate", artifacts = "amzn-s3-demo-artifacts" }
  }

  expect_failures = [var.buckets]
}

run "rejects_use_case_with_a_reserved_name" {
  command = plan

  variables {
    use_cases = { code = { model_package_group = "mammography" } }
  }

  expect_failures = [var.use_cases]
}
