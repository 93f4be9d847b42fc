output "model_package_group_arns" {
  description = "ARN of the model package group of each use case, by use case."
  value       = { for use_case, group in aws_sagemaker_model_package_group.this : use_case => group.arn }
}
