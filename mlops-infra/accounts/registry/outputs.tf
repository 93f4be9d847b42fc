output "artifact_bucket" {
  description = "Name of the bucket for model artifacts."
  value       = module.artifact_store.bucket_name
}

output "kms_key_alias_arn" {
  description = "ARN of the alias of the artifact bucket's default key."
  value       = module.encryption_key.alias_arn
}

output "model_package_group_arns" {
  description = "ARN of the model package group of each use case, by use case."
  value       = module.model_registry.model_package_group_arns
}

output "approver_role_arn" {
  description = "ARN of the role that approvers assume."
  value       = module.model_registry.approver_role_arn
}

output "deploy_role_arn" {
  description = "ARN of the role that Jenkins assumes to deploy into this account."
  value       = module.jenkins_access.deploy_role_arn
}
