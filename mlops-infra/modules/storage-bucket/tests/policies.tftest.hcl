mock_provider "aws" {}

variables {
  bucket_name = "acme-ml-prod-data"
  bucket_id   = "acme-ml-prod-data"
  log_bucket  = "acme-ml-prod-logs"
}

run "plain_http_alone_is_refused_by_default" {
  command = plan

  assert {
    condition = jsondecode(aws_s3_bucket_policy.this.policy) == {
      Version = "2012-10-17"
      Statement = [
        {
          Sid       = "DenyPlainHttp"
          Effect    = "Deny"
          Principal = "*"
          Action    = "s3:*"
          Resource  = ["arn:aws:s3:::acme-ml-prod-data", "arn:aws:s3:::acme-ml-prod-data/*"]
          Condition = { Bool = { "aws:SecureTransport" = "false" } }
        },
      ]
    }
    error_message = "The policy must hold this statement and no other."
  }

  assert {
    condition     = output.policy == aws_s3_bucket_policy.this.policy
    error_message = "The output must be the policy."
  }

  assert {
    condition     = alltrue([aws_s3_bucket_public_access_block.this.block_public_acls, aws_s3_bucket_public_access_block.this.block_public_policy, aws_s3_bucket_public_access_block.this.ignore_public_acls, aws_s3_bucket_public_access_block.this.restrict_public_buckets])
    error_message = "All four kinds of public access must be blocked."
  }

  assert {
    condition     = aws_s3_bucket_ownership_controls.this.rule[0].object_ownership == "BucketOwnerEnforced"
    error_message = "The owner must own every object, without ACLs."
  }

  assert {
    condition     = aws_s3_bucket_versioning.this.versioning_configuration[0].status == "Enabled"
    error_message = "The bucket must be versioned."
  }

  assert {
    condition     = [for logging in aws_s3_bucket_logging.this : [logging.bucket, logging.target_bucket, logging.target_prefix]] == [["acme-ml-prod-data", "acme-ml-prod-logs", "acme-ml-prod-data/"]]
    error_message = "Access must be logged under the bucket's name."
  }
}

run "kms_key_encrypts_with_a_bucket_key" {
  command = plan

  variables {
    kms_key_arn = "arn:aws:kms:eu-west-1:444444444444:key/11111111-2222-3333-4444-555555555555"
  }

  assert {
    condition     = [for rule in aws_s3_bucket_server_side_encryption_configuration.this.rule : [rule.bucket_key_enabled, rule.apply_server_side_encryption_by_default[0].sse_algorithm, rule.apply_server_side_encryption_by_default[0].kms_master_key_id]] == [[true, "aws:kms", var.kms_key_arn]]
    error_message = "The bucket must be encrypted with the key, through a bucket key."
  }
}

run "without_a_key_s3_manages_keys" {
  command = plan

  assert {
    condition     = [for rule in aws_s3_bucket_server_side_encryption_configuration.this.rule : rule.apply_server_side_encryption_by_default[0].sse_algorithm] == ["AES256"]
    error_message = "The bucket must be encrypted with keys that S3 manages."
  }
}

run "statements_of_the_caller_follow" {
  command = plan

  variables {
    policy_statements = [
      {
        Sid       = "Read"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::333333333333:root" }
        Action    = "s3:GetObject"
        Resource  = "arn:aws:s3:::acme-ml-prod-data/*"
      },
      {
        Sid       = "Deliver"
        Effect    = "Allow"
        Principal = { Service = "logging.s3.amazonaws.com" }
        Action    = ["s3:PutObject"]
        Resource  = ["arn:aws:s3:::acme-ml-prod-data/*"]
        Condition = { StringEquals = { "aws:SourceAccount" = "444444444444" } }
      },
    ]
  }

  assert {
    condition     = [for statement in jsondecode(aws_s3_bucket_policy.this.policy).Statement : statement.Sid] == ["DenyPlainHttp", "Read", "Deliver"]
    error_message = "The policy must hold the caller's statements after its own."
  }

  assert {
    condition = jsondecode(aws_s3_bucket_policy.this.policy).Statement[2] == {
      Sid       = "Deliver"
      Effect    = "Allow"
      Principal = { Service = "logging.s3.amazonaws.com" }
      Action    = ["s3:PutObject"]
      Resource  = ["arn:aws:s3:::acme-ml-prod-data/*"]
      Condition = { StringEquals = { "aws:SourceAccount" = "444444444444" } }
    }
    error_message = "A statement must arrive as it was given."
  }
}

run "lifecycle_removes_old_versions_uploads_and_listed_prefixes" {
  command = plan

  variables {
    noncurrent_version_days = 30
    expiration_days         = { "mammography/train/" = 90 }
  }

  assert {
    condition     = [for rule in aws_s3_bucket_lifecycle_configuration.this[0].rule : [rule.id, rule.status]] == [["clean-up", "Enabled"], ["expire-mammography/train/", "Enabled"]]
    error_message = "There must be these rules and no others."
  }

  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.this[0].rule[0].noncurrent_version_expiration[0].noncurrent_days == 30 && aws_s3_bucket_lifecycle_configuration.this[0].rule[0].abort_incomplete_multipart_upload[0].days_after_initiation == 7
    error_message = "Old versions and incomplete uploads must go."
  }

  assert {
    condition     = length(aws_s3_bucket_lifecycle_configuration.this[0].rule[0].expiration) == 0
    error_message = "Current objects must stay unless their prefix is listed."
  }

  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.this[0].rule[1].expiration[0].days == 90 && aws_s3_bucket_lifecycle_configuration.this[0].rule[1].filter[0].prefix == "mammography/train/"
    error_message = "Objects of the listed prefix must go."
  }
}

run "empty_prefix_expires_every_object" {
  command = plan

  variables {
    expiration_days = { "" = 365 }
  }

  assert {
    condition     = [for rule in aws_s3_bucket_lifecycle_configuration.this[0].rule : rule.id] == ["clean-up", "expire-all"] && aws_s3_bucket_lifecycle_configuration.this[0].rule[1].expiration[0].days == 365
    error_message = "Every object must go."
  }
}

run "nothing_is_logged_and_nothing_expires_where_null" {
  command = plan

  variables {
    log_bucket              = null
    noncurrent_version_days = null
  }

  assert {
    condition     = length(aws_s3_bucket_logging.this) == 0
    error_message = "Nothing may be logged."
  }

  assert {
    condition     = length(aws_s3_bucket_lifecycle_configuration.this) == 0
    error_message = "Every version must be kept."
  }
}
