output "data_bucket" {
  description = "Name of the data bucket."
  value       = module.workload.data_bucket
}

output "kms_key_alias_arn" {
  description = "ARN of the data key's alias."
  value       = module.workload.kms_key_alias_arn
}

output "execution_role_arns" {
  description = "ARN of the SageMaker execution role of each use case, by use case."
  value       = module.workload.execution_role_arns
}

output "function_arns" {
  description = "ARN of each function that pipelines call, by its short name."
  value       = module.workload.function_arns
}

output "start_retrain_function_arn" {
  description = "ARN of the function that starts training on drift; null where no use case retrains."
  value       = module.workload.start_retrain_function_arn
}

output "dead_letter_queue_arns" {
  description = "ARN of each dead-letter queue, by what feeds it."
  value       = module.workload.dead_letter_queue_arns
}

output "alerts_topic_arn" {
  description = "ARN of the topic that receives alerts."
  value       = module.workload.alerts_topic_arn
}

output "deploy_role_arn" {
  description = "ARN of the role that Jenkins assumes to deploy into this account."
  value       = module.access.deploy_role_arn
}

output "plan_role_arn" {
  description = "ARN of the role that Jenkins assumes to plan: it reads and changes nothing."
  value       = module.access.plan_role_arn
}
