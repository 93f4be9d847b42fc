# Each validation refuses one bad value; the good values above and in `accepts_*` pass.

mock_provider "aws" {}

variables {
  topic_name = "acme-ml-alerts"
  key_alias  = "acme-ml-prod-alerts"
  account_id = "444444444444"
  region     = "eu-west-1"
  emails     = ["ml-platform@example.com"]
}

run "accepts_good_values" {
  command = plan
}

run "accepts_no_address" {
  command = plan

  variables {
    emails = []
  }
}

# One bad value for every variable that is checked on its own: each must be reported.
run "rejects_a_bad_value_of_every_variable" {
  command = plan

  variables {
    topic_name = "alerts.fifo"
    key_alias  = "aws/sns"
    account_id = "44444444444"
    region     = "eu west 1"
    emails     = ["ml-platform"]
  }

  expect_failures = [
    var.topic_name,
    var.key_alias,
    var.account_id,
    var.region,
    var.emails,
  ]
}

run "rejects_alias_with_its_prefix" {
  command = plan

  variables {
    key_alias = "alias/acme-ml-prod-alerts"
  }

  expect_failures = [var.key_alias]
}
