# Each validation refuses one bad value; the good values above and in `accepts_*` pass.

mock_provider "aws" {
  mock_resource "aws_dynamodb_table" {
    defaults = { arn = "arn:aws:dynamodb:eu-west-1:222222222222:table/acme-ml-ledger" }
  }
}

variables {
  name_prefix              = "acme-ml-registry"
  environment              = "registry"
  account_id               = "222222222222"
  region                   = "eu-west-1"
  table_name               = "acme-ml-ledger"
  kms_key_arn              = "arn:aws:kms:eu-west-1:222222222222:key/11111111-2222-3333-4444-555555555555"
  lambda_role_name         = "lambda-sagemaker-role"
  permissions_boundary_arn = "arn:aws:iam::222222222222:policy/acme-ml-registry-boundary"
  lambda_package           = "../lambda-function/tests/empty.zip"
  break_glass_role_name    = "break-glass-role"
  model_package_groups     = { mammography = "mammography" }
  writer_accounts          = { dev = "333333333333" }
  alerts_topic_arn         = "arn:aws:sns:eu-west-1:222222222222:acme-ml-alerts"
  log_retention_days       = 3653
}

run "accepts_good_values" {
  command = plan
}

run "accepts_a_registry_that_nobody_writes_to_yet" {
  command = plan

  variables {
    writer_accounts = {}
  }

  assert {
    condition     = length(aws_lambda_permission.accounts) == 0
    error_message = "Nobody may invoke the function from outside."
  }
}

# One bad value for every variable that is checked on its own: each must be reported.
run "rejects_a_bad_value_of_every_variable" {
  command = plan

  variables {
    name_prefix              = "Acme-registry"
    environment              = "Registry"
    account_id               = "22222222222"
    region                   = "eu west 1"
    table_name               = "my ledger"
    kms_key_arn              = "arn:aws:kms:eu-west-1:222222222222:alias/acme-ml-registry"
    lambda_role_name         = "path/role"
    permissions_boundary_arn = "acme-ml-registry-boundary"
    lambda_package           = "handlers.tar"
    break_glass_role_name    = "path/role"
    model_package_groups     = {}
    writer_accounts          = { dev = "*" }
    alerts_topic_arn         = "arn:aws:sqs:eu-west-1:222222222222:alerts"
    log_retention_days       = 42
  }

  expect_failures = [
    var.name_prefix,
    var.environment,
    var.account_id,
    var.region,
    var.table_name,
    var.kms_key_arn,
    var.lambda_role_name,
    var.permissions_boundary_arn,
    var.lambda_package,
    var.break_glass_role_name,
    var.model_package_groups,
    var.writer_accounts,
    var.alerts_topic_arn,
    var.log_retention_days,
  ]
}

run "rejects_a_pattern_as_group" {
  command = plan

  variables {
    model_package_groups = { mammography = "*" }
  }

  expect_failures = [var.model_package_groups]
}

run "rejects_an_environment_in_capitals" {
  command = plan

  variables {
    writer_accounts = { DEV = "333333333333" }
  }

  expect_failures = [var.writer_accounts]
}
