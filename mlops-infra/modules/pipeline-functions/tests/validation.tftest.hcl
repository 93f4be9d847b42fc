# Each validation refuses one bad value; the good values above and in `accepts_*` pass.

mock_provider "aws" {}

variables {
  name_prefix              = "acme-ml-prod"
  account_id               = "444444444444"
  region                   = "eu-west-1"
  registry_account_id      = "222222222222"
  lambda_role_name         = "lambda-sagemaker-role"
  permissions_boundary_arn = "arn:aws:iam::444444444444:policy/acme-ml-prod-boundary"
  lambda_package           = "../lambda-function/tests/empty.zip"
  model_package_groups     = { mammography = "mammography" }
  data_bucket              = "acme-ml-prod-data"
  artifact_bucket          = "acme-ml-model-artifacts"
  event_bus_name           = "default"
  log_retention_days       = 365
}

run "accepts_good_values" {
  command = plan
}

# One bad value for every variable that is checked on its own: each must be reported.
run "rejects_a_bad_value_of_every_variable" {
  command = plan

  variables {
    name_prefix              = "Acme-prod"
    account_id               = "44444444444"
    region                   = "eu west 1"
    registry_account_id      = "22222222222"
    lambda_role_name         = "path/role"
    permissions_boundary_arn = "acme-ml-prod-boundary"
    lambda_package           = "handlers.tar"
    model_package_groups     = { mammography = "mammo_graphy" }
    data_bucket              = "Data"
    artifact_bucket          = "model.artifacts"
    event_bus_name           = "aws.partner/acme"
    log_retention_days       = 42
  }

  expect_failures = [
    var.name_prefix,
    var.account_id,
    var.region,
    var.registry_account_id,
    var.lambda_role_name,
    var.permissions_boundary_arn,
    var.lambda_package,
    var.model_package_groups,
    var.data_bucket,
    var.artifact_bucket,
    var.event_bus_name,
    var.log_retention_days,
  ]
}
