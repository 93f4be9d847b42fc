# Each validation refuses one bad value; the good values above and in `accepts_*` pass.

mock_provider "aws" {}

variables {
  bucket_name             = "acme-ml-model-artifacts"
  kms_key_arn             = "arn:aws:kms:eu-west-1:222222222222:key/11111111-2222-3333-4444-555555555555"
  log_bucket              = "acme-ml-registry-logs"
  workload_accounts       = { dev = "333333333333", prod = "444444444444" }
  serves_models_of        = { prod = ["dev"] }
  use_cases               = ["mammography"]
  execution_role_name     = "sagemaker-execution-role"
  lambda_role_name        = "lambda-sagemaker-role"
  deploy_role_name        = "cross-account-jenkins-role"
  build_role_arn          = "arn:aws:iam::111111111111:role/jenkins-build-role"
  intermediate_days       = 1
  noncurrent_version_days = 1
}

run "accepts_good_values" {
  command = plan
}

run "accepts_no_workload_account" {
  command = plan

  variables {
    workload_accounts = {}
    serves_models_of  = {}
  }
}

# One bad value for every variable that is checked on its own: each must be reported.
run "rejects_a_bad_value_of_every_variable" {
  command = plan

  variables {
    bucket_name             = "acme.ml.artifacts"
    kms_key_arn             = "arn:aws:kms:eu-west-1:444444444444:alias/acme-ml-prod"
    workload_accounts       = { dev = "33333333333" }
    use_cases               = ["Mammography"]
    execution_role_name     = "path/role"
    lambda_role_name        = "path/role"
    deploy_role_name        = "path/role"
    build_role_arn          = "arn:aws:iam::111111111111:role/*"
    intermediate_days       = 0
    noncurrent_version_days = 0
  }

  expect_failures = [
    var.bucket_name,
    var.kms_key_arn,
    var.workload_accounts,
    var.use_cases,
    var.execution_role_name,
    var.lambda_role_name,
    var.deploy_role_name,
    var.build_role_arn,
    var.intermediate_days,
    var.noncurrent_version_days,
  ]
}

run "rejects_name_that_s3_reserves" {
  command = plan

  variables {
    bucket_name = "amzn-s3-demo-artifacts"
  }

  expect_failures = [var.bucket_name]
}

run "rejects_logging_into_itself" {
  command = plan

  variables {
    log_bucket = "acme-ml-model-artifacts"
  }

  expect_failures = [var.log_bucket]
}

run "rejects_environment_name_with_a_slash" {
  command = plan

  variables {
    workload_accounts = { "dev/eu" = "333333333333" }
  }

  expect_failures = [var.workload_accounts]
}

run "rejects_environment_called_releases" {
  command = plan

  variables {
    workload_accounts = { releases = "333333333333" }
  }

  expect_failures = [var.workload_accounts]
}

run "rejects_serving_an_unknown_environment" {
  command = plan

  variables {
    serves_models_of = { prod = ["staging"] }
  }

  expect_failures = [var.serves_models_of]
}

run "rejects_unknown_environment_that_serves" {
  command = plan

  variables {
    serves_models_of = { staging = ["dev"] }
  }

  expect_failures = [var.serves_models_of]
}

run "rejects_half_an_intermediate_day" {
  command = plan

  variables {
    intermediate_days = 0.5
  }

  expect_failures = [var.intermediate_days]
}

run "rejects_half_a_day_for_old_versions" {
  command = plan

  variables {
    noncurrent_version_days = 0.5
  }

  expect_failures = [var.noncurrent_version_days]
}

run "rejects_log_bucket_in_capitals" {
  command = plan

  variables {
    log_bucket = "Acme-Logs"
  }

  expect_failures = [var.log_bucket]
}
