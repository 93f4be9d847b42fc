output "role_arns" {
  description = "ARN of the execution role of each use case, by use case."
  value       = { for use_case, role in aws_iam_role.this : use_case => role.arn }
}
