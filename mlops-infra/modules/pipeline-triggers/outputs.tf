output "start_retrain_function_arn" {
  description = "ARN of the function that starts training on drift; null where no use case retrains."
  value       = one(module.start_retrain[*].arn)
}

output "start_retrain_function_name" {
  description = "Name of the function that starts training on drift; null where no use case retrains."
  value       = one(module.start_retrain[*].name)
}

output "notify_function_name" {
  description = "Name of the function that tells people."
  value       = module.notify.name
}

output "schedule_rule_arns" {
  description = "ARN of the schedule's rule of each use case that has one, by use case."
  value       = { for name, rule in aws_cloudwatch_event_rule.schedule : name => rule.arn }
}

output "drift_rule" {
  description = "Name and bus of the rule that sees every drift event."
  value       = { name = aws_cloudwatch_event_rule.drift_alert.name, bus = var.event_bus_name }
}

output "approval_rule" {
  description = "Name and bus of the rule that sees every approval and rejection."
  value       = { name = aws_cloudwatch_event_rule.approval_alert.name, bus = "default" }
}

output "dead_letter_queue_arns" {
  description = "ARN of each dead-letter queue, by what feeds it (alerts, schedule, start-retrain, start-approved)."
  value = merge(
    { for name, queue in module.dead_letters : name => queue.arn },
    { for trigger in module.drift : "start-retrain" => trigger.dead_letter_queue_arn },
  )
}

output "dead_letter_queue_names" {
  description = "Name of each dead-letter queue, by what feeds it."
  value = merge(
    { for name, queue in module.dead_letters : name => queue.name },
    { for trigger in module.drift : "start-retrain" => local.retrain_queue_name },
  )
}
