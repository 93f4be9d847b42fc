output "deploy_role_arn" {
  description = "ARN of the role that Jenkins assumes to deploy into this account."
  value       = aws_iam_role.this["deploy"].arn
}

output "plan_role_arn" {
  description = "ARN of the role that Jenkins assumes to plan: it reads and changes nothing."
  value       = aws_iam_role.this["plan"].arn
}

output "jenkins_role_arn" {
  description = "ARN of Jenkins' own role; null outside the tooling account."
  value       = one(aws_iam_role.jenkins[*].arn)
}

output "boundary_arn" {
  description = "ARN of the permissions boundary that every role made by the deploy role carries; null in the tooling account."
  value       = one(aws_iam_policy.boundary[*].arn)
}
