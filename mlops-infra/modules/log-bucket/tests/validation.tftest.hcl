# Each validation refuses one bad value; the good values above and in `accepts_*` pass.

mock_provider "aws" {}

variables {
  bucket_name    = "acme-ml-prod-logs"
  account_id     = "444444444444"
  source_buckets = ["acme-ml-prod-data"]
  retention_days = 1
}

run "accepts_good_values" {
  command = plan
}

# One bad value for every variable that is checked on its own: each must be reported.
run "rejects_a_bad_value_of_every_variable" {
  command = plan

  variables {
    bucket_name    = "acme.ml.logs"
    account_id     = "44444444444"
    retention_days = 0
  }

  expect_failures = [
    var.bucket_name,
    var.account_id,
    var.retention_days,
  ]
}

run "rejects_name_that_s3_reserves" {
  command = plan

  variables {
    bucket_name = "acme-logs-s3alias"
  }

  expect_failures = [var.bucket_name]
}

run "rejects_no_source_bucket" {
  command = plan

  variables {
    source_buckets = []
  }

  expect_failures = [var.source_buckets]
}

run "rejects_itself_as_a_source" {
  command = plan

  variables {
    source_buckets = ["acme-ml-prod-logs"]
  }

  expect_failures = [var.source_buckets]
}

run "rejects_retention_of_half_a_day" {
  command = plan

  variables {
    retention_days = 0.5
  }

  expect_failures = [var.retention_days]
}

run "rejects_source_buckets_in_capitals" {
  command = plan

  variables {
    source_buckets = ["Acme-Data"]
  }

  expect_failures = [var.source_buckets]
}
