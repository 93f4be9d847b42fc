mock_provider "aws" {}

variables {
  bucket_name = "acme-ml-prod-data"
  kms_key_arn = "arn:aws:kms:eu-west-1:444444444444:key/11111111-2222-3333-4444-555555555555"
  log_bucket  = "acme-ml-prod-logs"
  use_cases   = ["credit", "mammography"]
}

run "bucket_is_hardened_and_only_what_runs_leave_behind_expires" {
  command = plan

  assert {
    condition = jsondecode(output.policy).Statement == [
      {
        Sid       = "DenyPlainHttp"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = ["arn:aws:s3:::acme-ml-prod-data", "arn:aws:s3:::acme-ml-prod-data/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
    error_message = "The policy must hold this statement and no other."
  }

  assert {
    condition = jsonencode(module.storage.settings) == jsonencode({
      kms_key_arn             = var.kms_key_arn
      log_bucket              = "acme-ml-prod-logs"
      noncurrent_version_days = 90
      expiration_days = {
        "alerts/"                = 90
        "code/.doctor/"          = 1
        "credit/train/"          = 90
        "credit/inference/"      = 90
        "mammography/train/"     = 90
        "mammography/inference/" = 90
      }
    })
    error_message = "The key must encrypt, access must be logged, and these prefixes and no others must expire."
  }
}
