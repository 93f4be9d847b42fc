# Each validation refuses one bad value; the good values above and in `accepts_*` pass.

mock_provider "aws" {}

variables {
  name_prefix              = "acme-ml-prod"
  environment              = "prod"
  account_id               = "444444444444"
  region                   = "eu-west-1"
  registry_account_id      = "222222222222"
  ledger_function_name     = "acme-ml-registry-ledger"
  lambda_role_name         = "lambda-sagemaker-role"
  permissions_boundary_arn = "arn:aws:iam::444444444444:policy/acme-ml-prod-boundary"
  lambda_package           = "../lambda-function/tests/empty.zip"
  data_bucket              = "acme-ml-prod-data"
  artifact_bucket          = "acme-ml-model-artifacts"
  kms_key_arn              = "arn:aws:kms:eu-west-1:444444444444:key/11111111-2222-3333-4444-555555555555"
  alerts_topic_arn         = "arn:aws:sns:eu-west-1:444444444444:acme-ml-alerts"
  pipelines                = { mammography = { train = "mammography-train" } }
  log_retention_days       = 90
}

run "accepts_good_values" {
  command = plan
}

# One bad value for every variable that is checked on its own: each must be reported.
run "rejects_a_bad_value_of_every_variable" {
  command = plan

  variables {
    name_prefix              = "Acme-prod"
    environment              = "Prod"
    account_id               = "44444444444"
    region                   = "eu west 1"
    registry_account_id      = "22222222222"
    ledger_function_name     = "the ledger"
    lambda_role_name         = "path/role"
    permissions_boundary_arn = "acme-ml-prod-boundary"
    lambda_package           = "handlers.tar"
    data_bucket              = "Data"
    artifact_bucket          = "Artifacts"
    kms_key_arn              = "arn:aws:kms:eu-west-1:444444444444:alias/acme-ml-prod"
    alerts_topic_arn         = "arn:aws:sqs:eu-west-1:444444444444:alerts"
    pipelines                = {}
    log_retention_days       = 42
  }

  expect_failures = [
    var.name_prefix,
    var.environment,
    var.account_id,
    var.region,
    var.registry_account_id,
    var.ledger_function_name,
    var.lambda_role_name,
    var.permissions_boundary_arn,
    var.lambda_package,
    var.data_bucket,
    var.artifact_bucket,
    var.kms_key_arn,
    var.alerts_topic_arn,
    var.pipelines,
    var.log_retention_days,
  ]
}

run "rejects_a_use_case_in_capitals" {
  command = plan

  variables {
    pipelines = { Mammography = { train = "mammography-train" } }
  }

  expect_failures = [var.pipelines]
}

run "rejects_a_pattern_as_pipeline" {
  command = plan

  variables {
    pipelines = { mammography = { train = "*" } }
  }

  expect_failures = [var.pipelines]
}
