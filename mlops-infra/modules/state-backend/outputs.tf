output "bucket_name" {
  description = "Name of the state bucket."
  value       = aws_s3_bucket.this.id
}

output "policy" {
  description = "The bucket policy, as JSON."
  value       = module.storage.policy
}
