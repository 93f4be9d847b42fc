# What every bucket of the platform has in common. The bucket itself stands in the module that calls
# this one, because some buckets are adopted and must never be destroyed.
locals {
  bucket_arn = "arn:aws:s3:::${var.bucket_name}"

  statements = concat(
    [
      {
        Sid       = "DenyPlainHttp"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [local.bucket_arn, "${local.bucket_arn}/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ],
    var.policy_statements,
  )
}

resource "aws_s3_bucket_versioning" "this" {
  bucket = var.bucket_id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  bucket = var.bucket_id

  rule {
    # One call to KMS for many objects; without meaning for S3's own keys.
    bucket_key_enabled = var.kms_key_arn == null ? null : true

    apply_server_side_encryption_by_default {
      sse_algorithm     = var.kms_key_arn == null ? "AES256" : "aws:kms"
      kms_master_key_id = var.kms_key_arn
    }
  }
}

resource "aws_s3_bucket_public_access_block" "this" {
  bucket = var.bucket_id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

# Whoever writes an object, it belongs to the bucket's owner; ACLs count for nothing.
resource "aws_s3_bucket_ownership_controls" "this" {
  bucket = var.bucket_id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_policy" "this" {
  bucket = var.bucket_id
  policy = jsonencode({ Version = "2012-10-17", Statement = local.statements })

  lifecycle {
    precondition {
      # https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html
      condition     = length(jsonencode({ Version = "2012-10-17", Statement = local.statements })) <= 20480
      error_message = "The policy of bucket ${var.bucket_name} is longer than the 20 KB that S3 accepts."
    }
  }
}

resource "aws_s3_bucket_logging" "this" {
  count = var.log_bucket == null ? 0 : 1

  bucket        = var.bucket_id
  target_bucket = var.log_bucket
  target_prefix = "${var.bucket_name}/"
}

# Nothing may wait for this: the AWS provider takes a minute over it.
resource "aws_s3_bucket_lifecycle_configuration" "this" {
  count = var.noncurrent_version_days == null ? 0 : 1

  bucket = var.bucket_id

  rule {
    id     = "clean-up"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }

    noncurrent_version_expiration {
      noncurrent_days = var.noncurrent_version_days
    }
  }

  dynamic "rule" {
    for_each = var.expiration_days

    content {
      id     = "expire-${rule.key == "" ? "all" : rule.key}"
      status = "Enabled"

      filter {
        prefix = rule.key == "" ? null : rule.key
      }

      expiration {
        days = rule.value
      }
    }
  }
}
