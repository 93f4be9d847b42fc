# Each validation refuses one bad value; the good values above and in `accepts_*` pass.

mock_provider "aws" {
  mock_resource "aws_sqs_queue" {
    defaults = { arn = "arn:aws:sqs:eu-west-1:222222222222:acme-ml-registry-approval-review-dlq" }
  }
}

variables {
  name_prefix              = "acme-ml-registry"
  account_id               = "222222222222"
  region                   = "eu-west-1"
  lambda_role_name         = "lambda-sagemaker-role"
  permissions_boundary_arn = "arn:aws:iam::222222222222:policy/acme-ml-registry-boundary"
  lambda_package           = "../lambda-function/tests/empty.zip"
  kms_key_arn              = "arn:aws:kms:eu-west-1:222222222222:key/11111111-2222-3333-4444-555555555555"
  alerts_topic_arn         = "arn:aws:sns:eu-west-1:222222222222:acme-ml-alerts"
  alerts_key_arn           = "arn:aws:kms:eu-west-1:222222222222:key/22222222-2222-3333-4444-555555555555"
  ledger_table             = "acme-ml-ledger"
  artifact_bucket          = "acme-ml-model-artifacts"
  environments             = ["tooling", "dev", "prod"]
  use_cases                = { mammography = { model_package_group = "mammography" } }
}

run "accepts_good_values" {
  command = plan

  assert {
    condition     = var.use_cases.mammography.approval.margin == 0.05 && length(merge(var.use_cases.mammography.approval.minimum, var.use_cases.mammography.approval.maximum)) == 0
    error_message = "Without bounds the margin alone is demanded."
  }
}

# One bad value for every variable that is checked on its own: each must be reported.
run "rejects_a_bad_value_of_every_variable" {
  command = plan

  variables {
    name_prefix              = "Acme"
    account_id               = "22222222222"
    region                   = "eu west 1"
    lambda_role_name         = "path/role"
    permissions_boundary_arn = "boundary"
    lambda_package           = "../lambda-function/tests/empty.tar"
    kms_key_arn              = "alias/key"
    alerts_topic_arn         = "acme-ml-alerts"
    alerts_key_arn           = "alias/key"
    ledger_table             = "l"
    artifact_bucket          = "Bucket"
    environments             = ["Dev"]
    use_cases                = { mammography = { model_package_group = "mammo_graphy" } }
  }

  expect_failures = [
    var.name_prefix,
    var.account_id,
    var.region,
    var.lambda_role_name,
    var.permissions_boundary_arn,
    var.lambda_package,
    var.kms_key_arn,
    var.alerts_topic_arn,
    var.alerts_key_arn,
    var.ledger_table,
    var.artifact_bucket,
    var.environments,
    var.use_cases,
  ]
}

run "rejects_a_margin_above_one" {
  command = plan

  variables {
    use_cases = { mammography = { model_package_group = "mammography", approval = { margin = 1.5 } } }
  }

  expect_failures = [var.use_cases]
}
