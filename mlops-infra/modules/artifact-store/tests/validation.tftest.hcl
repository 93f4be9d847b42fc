# Each validation refuses one bad value; the good values above and in `accepts_*` pass.

mock_provider "aws" {}

variables {
  bucket_name             = "acme-ml-model-artifacts"
  kms_key_arn             = "arn:aws:kms:eu-west-1:444444444444:key/11111111-2222-3333-4444-555555555555"
  noncurrent_version_days = 1
  workload_accounts       = { dev = "333333333333", prod = "444444444444" }
  execution_role_name     = "sagemaker-execution-role"
  lambda_role_name        = "lambda-sagemaker-role"
}

run "accepts_good_values" {
  command = plan
}

run "accepts_no_workload_account" {
  command = plan

  variables {
    workload_accounts = {}
  }
}

# One bad value for every variable that is checked on its own: each must be reported.
run "rejects_a_bad_value_of_every_variable" {
  command = plan

  variables {
    bucket_name             = "acme.ml.data"
    kms_key_arn             = "arn:aws:kms:eu-west-1:444444444444:alias/acme-ml-prod"
    noncurrent_version_days = 0
    workload_accounts       = { dev = "33333333333" }
    execution_role_name     = "path/role"
    lambda_role_name        = "path/role"
  }

  expect_failures = [
    var.bucket_name,
    var.kms_key_arn,
    var.noncurrent_version_days,
    var.workload_accounts,
    var.execution_role_name,
    var.lambda_role_name,
  ]
}

run "rejects_environment_name_with_a_slash" {
  command = plan

  variables {
    workload_accounts = { "dev/eu" = "333333333333" }
  }

  expect_failures = [var.workload_accounts]
}
