output "function_arn" {
  description = "ARN of the function that records executions."
  value       = module.function.arn
}

output "rule_arn" {
  description = "ARN of the rule that calls it."
  value       = aws_cloudwatch_event_rule.ended.arn
}

output "dead_letter_queue_arn" {
  description = "ARN of the queue of executions that could not be recorded."
  value       = aws_sqs_queue.dead_letters.arn
}
