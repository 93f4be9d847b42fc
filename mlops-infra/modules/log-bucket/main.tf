# Where S3 delivers the access logs of the account's other buckets.
resource "aws_s3_bucket" "this" {
  #checkov:skip=CKV_AWS_18:A bucket that logs its own log deliveries never stops.
  #checkov:skip=CKV_AWS_144:Logs of one region stay in it; nothing reads them elsewhere.
  #checkov:skip=CKV_AWS_145:S3 delivers access logs to buckets with S3-managed keys only.
  #checkov:skip=CKV2_AWS_62:Nothing reacts to a delivered log.
  bucket = var.bucket_name
}

module "storage" {
  source = "../storage-bucket"

  bucket_name             = var.bucket_name
  bucket_id               = aws_s3_bucket.this.id
  policy_statements       = local.statements
  noncurrent_version_days = 7
  expiration_days         = { "" = var.retention_days }
}
