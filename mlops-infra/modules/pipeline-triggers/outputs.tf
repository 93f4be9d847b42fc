output "start_retrain_function_arn" {
  description = "ARN of the function that starts training on drift; null where no use case retrains."
  value       = one(module.start_retrain[*].arn)
}

output "schedule_rule_arns" {
  description = "ARN of the schedule's rule of each use case that has one, by use case."
  value       = { for name, rule in aws_cloudwatch_event_rule.schedule : name => rule.arn }
}

output "dead_letter_queue_arns" {
  description = "ARN of each dead-letter queue, by what feeds it (schedule, start-retrain)."
  value       = { for name, queue in aws_sqs_queue.dead_letters : name => queue.arn }
}
