output "jenkins_role_arn" {
  description = "ARN of Jenkins' own role."
  value       = module.access.jenkins_role_arn
}

output "deploy_role_arn" {
  description = "ARN of the role that Jenkins assumes to deploy into this account."
  value       = module.access.deploy_role_arn
}

output "plan_role_arn" {
  description = "ARN of the role that Jenkins assumes to plan: it reads and changes nothing."
  value       = module.access.plan_role_arn
}

output "build_role_arn" {
  description = "ARN of the role that Jenkins assumes to sign and publish releases."
  value       = module.access.build_role_arn
}
