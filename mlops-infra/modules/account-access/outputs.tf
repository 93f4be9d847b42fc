output "log_bucket" {
  description = "Name of the bucket for access logs; what uses it waits until S3 may deliver there."
  value       = module.log_bucket.bucket_name
}

output "deploy_role_arn" {
  description = "ARN of the role that Jenkins assumes to deploy into this account."
  value       = module.jenkins_access.deploy_role_arn
}

output "plan_role_arn" {
  description = "ARN of the role that Jenkins assumes to plan: it reads and changes nothing."
  value       = module.jenkins_access.plan_role_arn
}

output "jenkins_role_arn" {
  description = "ARN of Jenkins' own role; null outside the tooling account."
  value       = module.jenkins_access.jenkins_role_arn
}

output "build_role_arn" {
  description = "ARN of the role that Jenkins assumes to sign and publish releases; null outside the tooling account."
  value       = one(module.release_signing[*].build_role_arn)
}

output "approver_role_arn" {
  description = "ARN of the role that approvers assume; null outside the registry account."
  value       = one(module.people_access[*].approver_role_arn)
}

output "auditor_role_arn" {
  description = "ARN of the role that auditors assume; null outside the registry account."
  value       = one(module.people_access[*].auditor_role_arn)
}

output "break_glass_role_arn" {
  description = "ARN of the role that corrects the ledger in an emergency; null outside the registry account."
  value       = one(module.people_access[*].break_glass_role_arn)
}
