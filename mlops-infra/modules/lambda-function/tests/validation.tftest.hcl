# Each validation refuses one bad value; the good values above and in `accepts_*` pass.

mock_provider "aws" {}

variables {
  name                     = "acme-ml-prod-emit-drift"
  description              = "Announces drift"
  role_name                = "lambda-sagemaker-role-emit-drift"
  permissions_boundary_arn = "arn:aws:iam::444444444444:policy/acme-ml-prod-boundary"
  handler                  = "promotion.handlers.emit_drift.handler"
  package                  = "../lambda-function/tests/empty.zip"
  account_id               = "444444444444"
  region                   = "eu-west-1"
  timeout_seconds          = 900
  log_retention_days       = 365
}

run "accepts_good_values" {
  command = plan
}

# One bad value for every variable that is checked on its own: each must be reported.
run "rejects_a_bad_value_of_every_variable" {
  command = plan

  variables {
    name                     = "emit drift"
    description              = join("", [for index in range(257) : "x"])
    permissions_boundary_arn = "acme-ml-prod-boundary"
    handler                  = "handler"
    package                  = "handlers.tar"
    account_id               = "44444444444"
    region                   = "eu west 1"
    timeout_seconds          = 901
    log_retention_days       = 42
    statements               = [{ sid = "All", actions = ["s3:*"], resources = ["*"] }]
  }

  expect_failures = [
    var.name,
    var.description,
    var.permissions_boundary_arn,
    var.handler,
    var.package,
    var.account_id,
    var.region,
    var.timeout_seconds,
    var.log_retention_days,
    var.statements,
  ]
}

run "rejects_role_with_a_slash" {
  command = plan

  variables {
    role_name = "path/role"
  }

  expect_failures = [var.role_name]
}

run "rejects_every_action" {
  command = plan

  variables {
    statements = [{ sid = "All", actions = ["*"], resources = ["*"] }]
  }

  expect_failures = [var.statements]
}
