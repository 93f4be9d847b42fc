mock_provider "aws" {}

variables {
  bucket_name = "acme-ml-dev-tfstate"
  log_bucket  = "acme-ml-dev-logs"
}

run "bucket_is_hardened_and_keeps_every_version" {
  command = plan

  assert {
    condition = jsondecode(output.policy).Statement == [
      {
        Sid       = "DenyPlainHttp"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = ["arn:aws:s3:::acme-ml-dev-tfstate", "arn:aws:s3:::acme-ml-dev-tfstate/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
    error_message = "The policy must hold this statement and no other."
  }

  assert {
    condition     = jsonencode(module.storage.settings) == jsonencode({ kms_key_arn = null, log_bucket = "acme-ml-dev-logs", noncurrent_version_days = null, expiration_days = {} })
    error_message = "Keys must be S3's, access must be logged, and nothing may expire."
  }
}
