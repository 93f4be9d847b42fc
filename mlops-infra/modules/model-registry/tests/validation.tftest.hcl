# Each validation refuses one bad value; the good values above and in `accepts_*` pass.

mock_provider "aws" {}

variables {
  account_id           = "222222222222"
  region               = "eu-west-1"
  model_package_groups = { mammography = "mammography" }
  workload_accounts    = { dev = "333333333333", prod = "444444444444" }
  execution_role_name  = "sagemaker-execution-role"
  lambda_role_name     = "lambda-sagemaker-role"
  deploy_role_name     = "cross-account-jenkins-role"
  plan_role_name       = "jenkins-plan-role"
  approver_role_name   = "model-approver-role"
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
    account_id           = "44444444444"
    region               = "eu west 1"
    model_package_groups = { mammography = "mammo_graphy" }
    workload_accounts    = { dev = "33333333333" }
    execution_role_name  = "path/role"
    lambda_role_name     = "path/role"
    deploy_role_name     = "path/role"
    plan_role_name       = "path/role"
    approver_role_name   = "path/role"
  }

  expect_failures = [
    var.account_id,
    var.region,
    var.model_package_groups,
    var.workload_accounts,
    var.execution_role_name,
    var.lambda_role_name,
    var.deploy_role_name,
    var.plan_role_name,
    var.approver_role_name,
  ]
}

run "rejects_no_use_case" {
  command = plan

  variables {
    model_package_groups = {}
  }

  expect_failures = [var.model_package_groups]
}

run "rejects_shared_group" {
  command = plan

  variables {
    model_package_groups = { one = "group", two = "group" }
  }

  expect_failures = [var.model_package_groups]
}
