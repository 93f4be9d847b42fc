output "domain_id" {
  description = "Id of the domain."
  value       = aws_sagemaker_domain.this.id
}

output "role_arn" {
  description = "ARN of the role that notebooks run as."
  value       = aws_iam_role.this.arn
}
