output "artifact_bucket" {
  description = "Name of the bucket for model artifacts."
  value       = module.registry.artifact_bucket
}

output "kms_key_alias_arn" {
  description = "ARN of the alias of the artifact bucket's default key."
  value       = module.registry.kms_key_alias_arn
}

output "model_package_group_arns" {
  description = "ARN of the model package group of each use case, by use case."
  value       = module.registry.model_package_group_arns
}

output "alerts_topic_arn" {
  description = "ARN of the topic that receives alerts."
  value       = module.registry.alerts_topic_arn
}

output "approver_role_arn" {
  description = "ARN of the role that approvers assume."
  value       = module.access.approver_role_arn
}

output "auditor_role_arn" {
  description = "ARN of the role that auditors assume."
  value       = module.access.auditor_role_arn
}

output "break_glass_role_arn" {
  description = "ARN of the role that corrects the ledger in an emergency."
  value       = module.access.break_glass_role_arn
}

output "deploy_role_arn" {
  description = "ARN of the role that Jenkins assumes to deploy into this account."
  value       = module.access.deploy_role_arn
}

output "plan_role_arn" {
  description = "ARN of the role that Jenkins assumes to plan: it reads and changes nothing."
  value       = module.access.plan_role_arn
}
