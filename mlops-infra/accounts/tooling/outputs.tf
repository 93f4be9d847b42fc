output "jenkins_role_arn" {
  description = "ARN of Jenkins' own role."
  value       = module.jenkins_access.jenkins_role_arn
}

output "deploy_role_arn" {
  description = "ARN of the role that Jenkins assumes to deploy into this account."
  value       = module.jenkins_access.deploy_role_arn
}

output "plan_role_arn" {
  description = "ARN of the role that Jenkins assumes to plan: it reads and changes nothing."
  value       = module.jenkins_access.plan_role_arn
}
