# Each validation refuses one bad value; the good values above and in `accepts_*` pass.

mock_provider "aws" {}

variables {
  bucket_name             = "acme-ml-prod-data"
  kms_key_arn             = "arn:aws:kms:eu-west-1:444444444444:key/11111111-2222-3333-4444-555555555555"
  noncurrent_version_days = 1
}

run "accepts_good_values" {
  command = plan
}

# One bad value for every variable that is checked on its own: each must be reported.
run "rejects_a_bad_value_of_every_variable" {
  command = plan

  variables {
    bucket_name             = "acme.ml.data"
    kms_key_arn             = "arn:aws:kms:eu-west-1:444444444444:alias/acme-ml-prod"
    noncurrent_version_days = 0
  }

  expect_failures = [
    var.bucket_name,
    var.kms_key_arn,
    var.noncurrent_version_days,
  ]
}
