output "dashboard_name" {
  description = "Name of the CloudWatch dashboard."
  value       = aws_cloudwatch_dashboard.this.dashboard_name
}

output "log_group_names" {
  description = "Names of the log groups that SageMaker writes to."
  value       = [for group in aws_cloudwatch_log_group.sagemaker : group.name]
}
