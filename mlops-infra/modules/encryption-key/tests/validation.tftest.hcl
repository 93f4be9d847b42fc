# Each validation refuses one bad value; the good values above and in `accepts_*` pass.

mock_provider "aws" {}

variables {
  alias       = "acme-ml-dev"
  description = "Encrypts the data of acme-ml-dev"
  account_id  = "444444444444"
  region      = "eu-west-1"
  users = {
    prod = { account_id = "333333333333", roles = ["sagemaker-execution-role-mammography"], access = "read" }
  }
}

run "accepts_good_values" {
  command = plan
}

run "accepts_reading_and_writing" {
  command = plan

  variables {
    users = { prod = { account_id = "333333333333", roles = ["role"], access = "read-write" } }
  }
}

run "accepts_nobody" {
  command = plan

  variables {
    users = {}
  }
}

# One bad value for every variable that is checked on its own: each must be reported.
run "rejects_a_bad_value_of_every_variable" {
  command = plan

  variables {
    alias      = "aws/s3"
    account_id = "44444444444"
    region     = "eu west 1"
  }

  expect_failures = [
    var.alias,
    var.account_id,
    var.region,
  ]
}

run "rejects_alias_with_its_prefix" {
  command = plan

  variables {
    alias = "alias/acme-ml-dev"
  }

  expect_failures = [var.alias]
}

run "rejects_unknown_access" {
  command = plan

  variables {
    users = { prod = { account_id = "333333333333", roles = ["role"], access = "admin" } }
  }

  expect_failures = [var.users]
}

run "rejects_pattern_of_roles" {
  command = plan

  variables {
    users = { prod = { account_id = "333333333333", roles = ["sagemaker-execution-role-*"], access = "read" } }
  }

  expect_failures = [var.users]
}

run "rejects_user_without_roles" {
  command = plan

  variables {
    users = { prod = { account_id = "333333333333", roles = [], access = "read" } }
  }

  expect_failures = [var.users]
}

run "rejects_user_in_half_an_account" {
  command = plan

  variables {
    users = { prod = { account_id = "4", roles = ["role"], access = "read" } }
  }

  expect_failures = [var.users]
}

run "rejects_user_of_the_same_account" {
  command = plan

  variables {
    users = { self = { account_id = "444444444444", roles = ["role"], access = "read" } }
  }

  expect_failures = [var.users]
}

run "rejects_empty_description" {
  command = plan

  variables {
    description = ""
  }

  expect_failures = [var.description]
}
