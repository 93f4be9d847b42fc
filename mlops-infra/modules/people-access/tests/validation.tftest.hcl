# Each validation refuses one bad value; the good values above and in `accepts_*` pass.

mock_provider "aws" {}

variables {
  account_id           = "222222222222"
  region               = "eu-west-1"
  roles                = { approver = "model-approver-role", auditor = "model-auditor-role", break_glass = "break-glass-role" }
  approvers            = ["arn:aws:iam::111111111111:user/approver", "arn:aws:iam::111111111111:role/risk/model-risk"]
  auditors             = ["arn:aws:iam::111111111111:user/auditor"]
  break_glass          = ["arn:aws:iam::111111111111:user/on-call", "arn:aws:iam::333333333333:user/on-call"]
  model_package_groups = ["mammography"]
  ledger_table         = "acme-ml-ledger"
  artifact_bucket      = "acme-ml-model-artifacts"
  use_cases            = ["mammography"]
}

run "accepts_good_values" {
  command = plan
}

run "accepts_one_principal_each" {
  command = plan

  variables {
    approvers   = ["arn:aws:iam::111111111111:role/risk"]
    auditors    = ["arn:aws:iam::111111111111:role/audit"]
    break_glass = ["arn:aws:iam::111111111111:role/on-call"]
  }
}

# One bad value for every variable that is checked on its own: each must be reported.
run "rejects_a_bad_value_of_every_variable" {
  command = plan

  variables {
    account_id           = "22222222222"
    region               = "eu west 1"
    roles                = { approver = "path/approver", auditor = "model-auditor-role", break_glass = "break-glass-role" }
    approvers            = ["arn:aws:iam::111111111111:root"]
    auditors             = ["arn:aws:iam::111111111111:user/*"]
    break_glass          = ["on-call"]
    model_package_groups = ["mammo_graphy"]
    ledger_table         = "l"
    artifact_bucket      = "Bucket"
    use_cases            = ["Mammography"]
  }

  expect_failures = [
    var.account_id,
    var.region,
    var.roles,
    var.approvers,
    var.auditors,
    var.break_glass,
    var.model_package_groups,
    var.ledger_table,
    var.artifact_bucket,
    var.use_cases,
  ]
}

run "rejects_empty_lists" {
  command = plan

  variables {
    approvers            = []
    auditors             = []
    break_glass          = []
    model_package_groups = []
    use_cases            = []
  }

  expect_failures = [
    var.approvers,
    var.auditors,
    var.break_glass,
    var.model_package_groups,
    var.use_cases,
  ]
}

run "rejects_two_roles_of_one_name" {
  command = plan

  variables {
    roles = { approver = "people", auditor = "people", break_glass = "break-glass-role" }
  }

  expect_failures = [var.roles]
}
