locals {
  probe_days = 1
}

resource "aws_s3_bucket" "this" {
  #checkov:skip=CKV_AWS_144:The platform runs in one region; deleted and overwritten models stay as versions.
  #checkov:skip=CKV2_AWS_62:No object's arrival starts anything; the model package group's events do.
  bucket = var.bucket_name
}

module "storage" {
  source = "../storage-bucket"

  bucket_name             = var.bucket_name
  bucket_id               = aws_s3_bucket.this.id
  kms_key_arn             = var.kms_key_arn
  log_bucket              = var.log_bucket
  policy_statements       = local.statements
  noncurrent_version_days = var.noncurrent_version_days
  expiration_days = merge(
    { for user in local.users : "${user.environment}/${user.use_case}/intermediate/" => var.intermediate_days },
    # Alerts that were sent, so that they are not sent twice.
    { "alerts/" = 90 },
    # What an interrupted probe left.
    { for name in keys(var.workload_accounts) : "${name}/.doctor/" => local.probe_days },
  )
}
