# Each validation refuses one bad value; the good values above and in `accepts_*` pass.

mock_provider "aws" {}

variables {
  bucket_name             = "acme-ml-prod-data"
  bucket_id               = "acme-ml-prod-data"
  kms_key_arn             = "arn:aws:kms:eu-west-1:444444444444:key/11111111-2222-3333-4444-555555555555"
  log_bucket              = "acme-ml-prod-logs"
  noncurrent_version_days = 1
  expiration_days         = { "mammography/train/" = 1 }
  policy_statements       = []
}

run "accepts_good_values" {
  command = plan
}

run "accepts_shortest_name" {
  command = plan

  variables {
    bucket_name = "a-1"
    bucket_id   = "a-1"
  }
}

run "accepts_longest_name" {
  command = plan

  variables {
    bucket_name = "a23456789-123456789-123456789-123456789-123456789-123456789-123"
    bucket_id   = "a23456789-123456789-123456789-123456789-123456789-123456789-123"
  }
}

# One bad value for every variable that is checked on its own: each must be reported.
run "rejects_a_bad_value_of_every_variable" {
  command = plan

  variables {
    bucket_name             = "Acme-Data"
    kms_key_arn             = "arn:aws:kms:eu-west-1:444444444444:alias/acme-ml-prod"
    noncurrent_version_days = 0
    policy_statements       = [{ Sid = "NoPrincipal", Effect = "Allow", Action = "s3:GetObject", Resource = "*" }]
  }

  expect_failures = [
    var.bucket_name,
    var.kms_key_arn,
    var.noncurrent_version_days,
    var.policy_statements,
  ]
}

run "rejects_name_of_two_characters" {
  command = plan

  variables {
    bucket_name = "ab"
  }

  expect_failures = [var.bucket_name]
}

run "rejects_name_of_sixty_four_characters" {
  command = plan

  variables {
    bucket_name = "a23456789-123456789-123456789-123456789-123456789-123456789-1234"
  }

  expect_failures = [var.bucket_name]
}

run "rejects_name_with_an_underscore" {
  command = plan

  variables {
    bucket_name = "acme_data"
  }

  expect_failures = [var.bucket_name]
}

run "rejects_name_with_a_dot" {
  command = plan

  variables {
    bucket_name = "acme.ml.data"
  }

  expect_failures = [var.bucket_name]
}

run "rejects_name_with_an_ip_address" {
  command = plan

  variables {
    bucket_name = "192.168.5.4"
  }

  expect_failures = [var.bucket_name]
}

run "rejects_name_with_a_hyphen_at_the_end" {
  command = plan

  variables {
    bucket_name = "acme-data-"
  }

  expect_failures = [var.bucket_name]
}

run "rejects_name_with_a_hyphen_at_the_start" {
  command = plan

  variables {
    bucket_name = "-acme-data"
  }

  expect_failures = [var.bucket_name]
}

run "rejects_name_with_the_prefix_of_punycode" {
  command = plan

  variables {
    bucket_name = "xn--acme-data"
  }

  expect_failures = [var.bucket_name]
}

run "rejects_name_with_the_prefix_sthree" {
  command = plan

  variables {
    bucket_name = "sthree-acme-data"
  }

  expect_failures = [var.bucket_name]
}

run "rejects_name_with_the_prefix_of_examples" {
  command = plan

  variables {
    bucket_name = "amzn-s3-demo-acme"
  }

  expect_failures = [var.bucket_name]
}

run "rejects_name_with_the_suffix_of_access_points" {
  command = plan

  variables {
    bucket_name = "acme-data-s3alias"
  }

  expect_failures = [var.bucket_name]
}

run "rejects_name_with_the_suffix_of_object_lambda" {
  command = plan

  variables {
    bucket_name = "acme-data--ol-s3"
  }

  expect_failures = [var.bucket_name]
}

run "rejects_name_with_the_suffix_of_directory_buckets" {
  command = plan

  variables {
    bucket_name = "acme-data--x-s3"
  }

  expect_failures = [var.bucket_name]
}

run "rejects_name_with_the_suffix_of_table_buckets" {
  command = plan

  variables {
    bucket_name = "acme-data--table-s3"
  }

  expect_failures = [var.bucket_name]
}

run "rejects_bucket_that_logs_to_itself" {
  command = plan

  variables {
    log_bucket = "acme-ml-prod-data"
  }

  expect_failures = [var.log_bucket]
}

run "rejects_expiration_of_half_a_day" {
  command = plan

  variables {
    expiration_days = { "mammography/train/" = 0.5 }
  }

  expect_failures = [var.expiration_days]
}

run "rejects_expiration_prefix_without_a_slash" {
  command = plan

  variables {
    expiration_days = { "mammography" = 1 }
  }

  expect_failures = [var.expiration_days]
}

run "rejects_expiration_without_removal_of_versions" {
  command = plan

  variables {
    noncurrent_version_days = null
  }

  expect_failures = [var.expiration_days]
}

run "rejects_allow_for_everybody" {
  command = plan

  variables {
    policy_statements = [{ Sid = "Public", Effect = "Allow", Principal = "*", Action = "s3:GetObject", Resource = "arn:aws:s3:::acme-ml-prod-data/*" }]
  }

  expect_failures = [var.policy_statements]
}

run "accepts_deny_for_everybody" {
  command = plan

  variables {
    policy_statements = [{ Sid = "Nobody", Effect = "Deny", Principal = "*", Action = "s3:DeleteObject", Resource = "arn:aws:s3:::acme-ml-prod-data/*" }]
  }
}

run "rejects_policy_above_20_kb" {
  command = plan

  variables {
    policy_statements = [
      for number in range(200) : {
        Sid       = "Read${number}"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::333333333333:root" }
        Action    = "s3:GetObject"
        Resource  = "arn:aws:s3:::acme-ml-prod-data/${number}/*"
      }
    ]
  }

  expect_failures = [aws_s3_bucket_policy.this]
}
