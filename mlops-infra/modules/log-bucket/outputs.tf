output "bucket_name" {
  description = "Name of the bucket for access logs; what uses it waits until S3 may deliver there."
  value       = module.storage.bucket_with_policy
}

output "policy" {
  description = "The bucket policy, as JSON."
  value       = module.storage.policy
}
