output "build_role_arn" {
  description = "ARN of the role that signs and publishes releases."
  value       = aws_iam_role.this.arn
}

output "key_arn" {
  description = "ARN of the release signing key."
  value       = aws_kms_key.this.arn
}

output "alias_arn" {
  description = "ARN of the key's alias."
  value       = aws_kms_alias.this.arn
}
