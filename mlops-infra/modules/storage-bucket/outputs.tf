output "policy" {
  description = "The bucket policy, as JSON."
  value       = jsonencode({ Version = "2012-10-17", Statement = local.statements })
}

output "bucket_with_policy" {
  description = "Name of the bucket; what uses it waits until the bucket's policy is in place."
  value       = var.bucket_name
  depends_on  = [aws_s3_bucket_policy.this]
}

output "settings" {
  description = "What the calling module asked for, so that its tests can see it: `kms_key_arn`, `log_bucket`, `noncurrent_version_days` and `expiration_days`."
  value = {
    kms_key_arn             = var.kms_key_arn
    log_bucket              = var.log_bucket
    noncurrent_version_days = var.noncurrent_version_days
    expiration_days         = var.expiration_days
  }
}
