# Each validation refuses one bad value; the good values above and in `accepts_*` pass.

mock_provider "aws" {}

variables {
  bucket_name             = "acme-ml-prod-data"
  kms_key_arn             = "arn:aws:kms:eu-west-1:444444444444:key/11111111-2222-3333-4444-555555555555"
  log_bucket              = "acme-ml-prod-logs"
  use_cases               = ["mammography"]
  intermediate_days       = 1
  noncurrent_version_days = 1
}

run "accepts_good_values" {
  command = plan
}

run "accepts_no_use_case" {
  command = plan

  variables {
    use_cases = []
  }
}

# One bad value for every variable that is checked on its own: each must be reported.
run "rejects_a_bad_value_of_every_variable" {
  command = plan

  variables {
    bucket_name             = "acme.ml.data"
    kms_key_arn             = "arn:aws:kms:eu-west-1:444444444444:alias/acme-ml-prod"
    use_cases               = ["Mammography"]
    intermediate_days       = 0
    noncurrent_version_days = 0
  }

  expect_failures = [
    var.bucket_name,
    var.kms_key_arn,
    var.use_cases,
    var.intermediate_days,
    var.noncurrent_version_days,
  ]
}

run "rejects_name_that_s3_reserves" {
  command = plan

  variables {
    bucket_name = "xn--acme-data"
  }

  expect_failures = [var.bucket_name]
}

run "rejects_logging_into_itself" {
  command = plan

  variables {
    log_bucket = "acme-ml-prod-data"
  }

  expect_failures = [var.log_bucket]
}

run "rejects_use_case_with_a_slash" {
  command = plan

  variables {
    use_cases = ["mammography/train"]
  }

  expect_failures = [var.use_cases]
}

run "rejects_half_an_intermediate_day" {
  command = plan

  variables {
    intermediate_days = 0.5
  }

  expect_failures = [var.intermediate_days]
}

run "rejects_half_a_day_for_old_versions" {
  command = plan

  variables {
    noncurrent_version_days = 0.5
  }

  expect_failures = [var.noncurrent_version_days]
}

run "rejects_log_bucket_in_capitals" {
  command = plan

  variables {
    log_bucket = "Acme-Logs"
  }

  expect_failures = [var.log_bucket]
}

run "rejects_use_case_with_a_reserved_name" {
  command = plan

  variables {
    use_cases = ["alerts"]
  }

  expect_failures = [var.use_cases]
}
