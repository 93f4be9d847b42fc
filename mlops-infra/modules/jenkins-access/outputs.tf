output "deploy_role_arn" {
  description = "ARN of the role that Jenkins assumes to deploy into this account."
  value       = aws_iam_role.deploy.arn
}

output "jenkins_role_arn" {
  description = "ARN of Jenkins' own role; null outside the tooling account."
  value       = one(aws_iam_role.jenkins[*].arn)
}
