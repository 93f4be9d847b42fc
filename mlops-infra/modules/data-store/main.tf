locals {
  # What a run leaves behind for its later steps and for a look at its outcome: the splits of the
  # training data; the cleaned batch, rejected rows, raw scores and data-quality files of inference.
  # Training data, batches, predictions and code stand under other prefixes and stay.
  intermediate_prefixes = flatten([for use_case in var.use_cases : ["${use_case}/train/", "${use_case}/inference/"]])
}

resource "aws_s3_bucket" "this" {
  #checkov:skip=CKV_AWS_144:The platform runs in one region; deleted and overwritten data stays as versions.
  #checkov:skip=CKV2_AWS_62:No object's arrival starts anything; schedules, drift and approvals do.
  bucket = var.bucket_name
}

module "storage" {
  source = "../storage-bucket"

  bucket_name             = var.bucket_name
  bucket_id               = aws_s3_bucket.this.id
  kms_key_arn             = var.kms_key_arn
  log_bucket              = var.log_bucket
  noncurrent_version_days = var.noncurrent_version_days
  expiration_days = merge(
    { for prefix in local.intermediate_prefixes : prefix => var.intermediate_days },
    # Alerts that were sent, so that they are not sent twice.
    { "alerts/" = 90 },
    # What an interrupted probe of `promote doctor` left.
    { "code/.doctor/" = 1 },
  )
}
