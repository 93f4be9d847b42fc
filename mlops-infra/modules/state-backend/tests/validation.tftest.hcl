# Each validation refuses one bad value; the good values above and in `accepts_*` pass.

mock_provider "aws" {}

variables {
  bucket_name = "acme-ml-dev-tfstate"
}

run "accepts_good_values" {
  command = plan
}

run "rejects_bucket_name_in_capitals" {
  command = plan

  variables {
    bucket_name = "Acme-State"
  }

  expect_failures = [var.bucket_name]
}
