output "function_arn" {
  description = "ARN of the function that reviews approvals."
  value       = module.function.arn
}

output "dead_letter_queue_arn" {
  description = "ARN of the queue of approvals that could not be reviewed."
  value       = module.approvals.dead_letter_queue_arn
}
