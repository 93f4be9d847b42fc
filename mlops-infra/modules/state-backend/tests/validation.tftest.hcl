# Each validation refuses one bad value; the good values above and in `accepts_*` pass.

mock_provider "aws" {}

variables {
  bucket_name = "acme-ml-dev-tfstate"
  log_bucket  = "acme-ml-dev-logs"
}

run "accepts_good_values" {
  command = plan
}

# One bad value for every variable that is checked on its own: each must be reported.
run "rejects_a_bad_value_of_every_variable" {
  command = plan

  variables {
    bucket_name = "Acme-State"
  }

  expect_failures = [
    var.bucket_name,
  ]
}

run "rejects_name_that_s3_reserves" {
  command = plan

  variables {
    bucket_name = "sthree-acme-state"
  }

  expect_failures = [var.bucket_name]
}

run "rejects_logging_into_itself" {
  command = plan

  variables {
    log_bucket = "acme-ml-dev-tfstate"
  }

  expect_failures = [var.log_bucket]
}

run "rejects_log_bucket_in_capitals" {
  command = plan

  variables {
    log_bucket = "Acme-Logs"
  }

  expect_failures = [var.log_bucket]
}
