# Each validation refuses one bad value; the good values above and in `accepts_*` pass.

mock_provider "aws" {}

variables {
  name_prefix              = "acme-ml-registry"
  account_id               = "222222222222"
  region                   = "eu-west-1"
  model_package_groups     = ["mammography", "fraud"]
  workload_accounts        = { dev = "333333333333", prod = "444444444444" }
  events_role_name         = "eventbridge-sagemaker-role"
  permissions_boundary_arn = "arn:aws:iam::222222222222:policy/acme-ml-registry-boundary"
  alerts_topic_arn         = "arn:aws:sns:eu-west-1:222222222222:acme-ml-alerts"
}

run "accepts_good_values" {
  command = plan
}

# One bad value for every variable that is checked on its own: each must be reported.
run "rejects_a_bad_value_of_every_variable" {
  command = plan

  variables {
    name_prefix              = "Acme-registry"
    account_id               = "22222222222"
    region                   = "eu west 1"
    model_package_groups     = ["mammo_graphy"]
    workload_accounts        = { dev = "33333333333" }
    events_role_name         = "path/role"
    permissions_boundary_arn = "acme-ml-registry-boundary"
    alerts_topic_arn         = "arn:aws:sqs:eu-west-1:222222222222:alerts"
  }

  expect_failures = [
    var.name_prefix,
    var.account_id,
    var.region,
    var.model_package_groups,
    var.workload_accounts,
    var.events_role_name,
    var.permissions_boundary_arn,
    var.alerts_topic_arn,
  ]
}

run "rejects_no_group" {
  command = plan

  variables {
    model_package_groups = []
  }

  expect_failures = [var.model_package_groups]
}

run "rejects_more_accounts_than_a_rule_has_targets" {
  command = plan

  variables {
    workload_accounts = { a = "300000000001", b = "300000000002", c = "300000000003", d = "300000000004", e = "300000000005", f = "300000000006" }
  }

  expect_failures = [var.workload_accounts]
}
