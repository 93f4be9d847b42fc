output "data_bucket" {
  description = "Name of the data bucket."
  value       = module.data_store.bucket_name
}

output "kms_key_alias_arn" {
  description = "ARN of the data key's alias."
  value       = module.encryption_key.alias_arn
}

output "execution_role_arns" {
  description = "ARN of the SageMaker execution role of each use case, by use case."
  value       = module.execution_roles.role_arns
}

output "function_arns" {
  description = "ARN of each function that pipelines call, by its short name."
  value       = module.pipeline_functions.function_arns
}

output "start_retrain_function_arn" {
  description = "ARN of the function that starts training on drift; null where no use case retrains."
  value       = module.pipeline_triggers.start_retrain_function_arn
}

output "dead_letter_queue_arns" {
  description = "ARN of each dead-letter queue, by what feeds it."
  value       = module.pipeline_triggers.dead_letter_queue_arns
}

output "alerts_topic_arn" {
  description = "ARN of the topic that receives alerts."
  value       = module.notifications.topic_arn
}

output "dashboard_name" {
  description = "Name of the CloudWatch dashboard."
  value       = module.observability.dashboard_name
}
