output "function_arn" {
  description = "ARN of the function that records executions."
  value       = module.function.arn
}

output "rule_arn" {
  description = "ARN of the rule that calls it."
  value       = module.ended.rule_arn
}

output "dead_letter_queue_arn" {
  description = "ARN of the queue of executions that could not be recorded."
  value       = module.ended.dead_letter_queue_arn
}
