# Each validation refuses one bad value; the good values above and in `accepts_*` pass.

mock_provider "aws" {}

variables {
  project         = "acme-ml"
  environment     = "prod"
  account_id      = "444444444444"
  region          = "eu-west-1"
  linked_accounts = { tooling = "111111111111", registry = "222222222222", dev = "333333333333" }
  buckets         = { state = "acme-ml-prod-tfstate", data = "acme-ml-prod-data", artifacts = "acme-ml-model-artifacts" }
  log_bucket      = "acme-ml-prod-logs"
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
  event_bus = "default"
  alerts    = { topic = "acme-ml-alerts", emails = ["ml-platform@example.com"] }
  images    = { xgboost = "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-xgboost:1.7-1" }
  use_cases = {
    mammography = {
      model_package_group = "mammography"
      pipelines           = { train = "mammography-train", inference = "mammography-inference" }
      parameters          = { train = { MinimumAuc = 0.85, TrainingInstanceType = "ml.m5.large" } }
      schedule            = { pipeline = "inference", expression = "cron(0 6 * * ? *)" }
      retrain             = { pipeline = "train", cooldown_minutes = 60 }
    }
  }
  lambda_package = "../lambda-function/tests/empty.zip"
}

run "accepts_good_values" {
  command = plan
}

run "accepts_use_case_without_schedule_and_retrain" {
  command = plan

  variables {
    use_cases = { mammography = { model_package_group = "mammography", pipelines = { train = "mammography-train" } } }
  }
}

# One bad value for every variable that is checked on its own: each must be reported.
run "rejects_a_bad_value_of_every_variable" {
  command = plan

  variables {
    project     = "Acme"
    environment = "dev/eu"
    account_id  = "44444444444"
    region      = "eu west 1"
    buckets     = { state = "Acme", data = "acme-ml-prod-data", artifacts = "acme-ml-model-artifacts" }
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
    event_bus      = "aws.partner/acme"
    alerts         = { topic = "alerts.fifo", emails = [] }
    images         = { xgboost = "docker.io/library/python:3.12" }
    use_cases      = { Mammography = { model_package_group = "mammography", pipelines = { train = "mammography-train" } } }
    lambda_package = "handlers.tar"
  }

  expect_failures = [
    var.project,
    var.environment,
    var.account_id,
    var.region,
    var.buckets,
    var.roles,
    var.event_bus,
    var.alerts,
    var.images,
    var.use_cases,
    var.lambda_package,
  ]
}

run "rejects_short_linked_account_id" {
  command = plan

  variables {
    linked_accounts = { tooling = "1", registry = "222222222222" }
  }

  expect_failures = [var.linked_accounts]
}

run "rejects_account_linked_to_itself" {
  command = plan

  variables {
    linked_accounts = { tooling = "111111111111", registry = "444444444444" }
  }

  expect_failures = [var.linked_accounts]
}

run "rejects_linked_name_in_capitals" {
  command = plan

  variables {
    linked_accounts = { tooling = "111111111111", registry = "222222222222", Dev = "333333333333" }
  }

  expect_failures = [var.linked_accounts]
}

run "rejects_no_registry_account" {
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

run "rejects_address_without_domain" {
  command = plan

  variables {
    alerts = { topic = "alerts", emails = ["ml-platform"] }
  }

  expect_failures = [var.alerts]
}

run "rejects_group_with_an_underscore" {
  command = plan

  variables {
    use_cases = { mammography = { model_package_group = "mammo_graphy", pipelines = { train = "mammography-train" } } }
  }

  expect_failures = [var.use_cases]
}

run "rejects_pipeline_in_capitals" {
  command = plan

  variables {
    use_cases = { mammography = { model_package_group = "mammography", pipelines = { train = "Train" } } }
  }

  expect_failures = [var.use_cases]
}

run "rejects_schedule_of_an_unknown_pipeline" {
  command = plan

  variables {
    use_cases = { mammography = { model_package_group = "mammography", pipelines = { train = "mammography-train" }, schedule = { pipeline = "inference", expression = "rate(1 day)" } } }
  }

  expect_failures = [var.use_cases]
}

run "rejects_retrain_of_an_unknown_pipeline" {
  command = plan

  variables {
    use_cases = { mammography = { model_package_group = "mammography", pipelines = { train = "mammography-train" }, retrain = { pipeline = "retrain", cooldown_minutes = 60 } } }
  }

  expect_failures = [var.use_cases]
}

run "rejects_malformed_cron" {
  command = plan

  variables {
    use_cases = { mammography = { model_package_group = "mammography", pipelines = { train = "mammography-train" }, schedule = { pipeline = "train", expression = "cron(0 25 * * ? *)" } } }
  }

  expect_failures = [var.use_cases]
}

run "rejects_log_bucket_among_the_others" {
  command = plan

  variables {
    log_bucket = "acme-ml-prod-data"
  }

  expect_failures = [var.log_bucket]
}

run "rejects_one_bucket_for_two_purposes" {
  command = plan

  variables {
    buckets = { state = "acme-ml-prod-tfstate", data = "acme-ml-prod-data", artifacts = "acme-ml-prod-data" }
  }

  expect_failures = [var.buckets]
}

run "rejects_bucket_name_that_s3_reserves" {
  command = plan

  variables {
    buckets = { state = "acme-ml-prod-tfstate", data = "acme-ml-prod-data-s3alias", artifacts = "acme-ml-model-artifacts" }
  }

  expect_failures = [var.buckets]
}

run "rejects_use_case_with_a_reserved_name" {
  command = plan

  variables {
    use_cases = { studio = { model_package_group = "mammography", pipelines = { train = "mammography-train" } } }
  }

  expect_failures = [var.use_cases]
}

run "rejects_use_case_with_the_prefix_of_alerts" {
  command = plan

  variables {
    use_cases = { alerts = { model_package_group = "mammography", pipelines = { train = "mammography-train" } } }
  }

  expect_failures = [var.use_cases]
}

run "rejects_start_of_an_unknown_pipeline_on_an_approval" {
  command = plan

  variables {
    use_cases = { mammography = { model_package_group = "mammography", pipelines = { train = "mammography-train" }, start_on_approval = "inference" } }
  }

  expect_failures = [var.use_cases]
}

run "rejects_studio_without_a_subnet" {
  command = plan

  variables {
    studio = { vpc_id = "vpc-0123456789abcdef0", subnet_ids = [] }
  }

  expect_failures = [var.studio]
}

run "rejects_studio_in_no_vpc" {
  command = plan

  variables {
    studio = { vpc_id = "vpc-1", subnet_ids = ["subnet-0123456789abcdef0"] }
  }

  expect_failures = [var.studio]
}
