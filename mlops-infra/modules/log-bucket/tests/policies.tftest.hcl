mock_provider "aws" {}

variables {
  bucket_name    = "acme-ml-prod-logs"
  account_id     = "444444444444"
  source_buckets = ["acme-ml-prod-tfstate", "acme-ml-prod-data"]
}

run "each_bucket_logs_under_its_own_name" {
  command = plan

  assert {
    condition = jsondecode(output.policy).Statement == [
      {
        Sid       = "DenyPlainHttp"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = ["arn:aws:s3:::acme-ml-prod-logs", "arn:aws:s3:::acme-ml-prod-logs/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
      {
        Sid       = "LogAcmeMlProdData"
        Effect    = "Allow"
        Principal = { Service = "logging.s3.amazonaws.com" }
        Action    = "s3:PutObject"
        Resource  = "arn:aws:s3:::acme-ml-prod-logs/acme-ml-prod-data/*"
        Condition = {
          ArnEquals    = { "aws:SourceArn" = "arn:aws:s3:::acme-ml-prod-data" }
          StringEquals = { "aws:SourceAccount" = "444444444444" }
        }
      },
      {
        Sid       = "LogAcmeMlProdTfstate"
        Effect    = "Allow"
        Principal = { Service = "logging.s3.amazonaws.com" }
        Action    = "s3:PutObject"
        Resource  = "arn:aws:s3:::acme-ml-prod-logs/acme-ml-prod-tfstate/*"
        Condition = {
          ArnEquals    = { "aws:SourceArn" = "arn:aws:s3:::acme-ml-prod-tfstate" }
          StringEquals = { "aws:SourceAccount" = "444444444444" }
        }
      },
    ]
    error_message = "The policy must hold these statements and no others."
  }

  assert {
    condition     = jsonencode(module.storage.settings) == jsonencode({ kms_key_arn = null, log_bucket = null, noncurrent_version_days = 7, expiration_days = { "" = 365 } })
    error_message = "Keys must be S3's, logs must go after a year, and the bucket must not log itself."
  }
}
