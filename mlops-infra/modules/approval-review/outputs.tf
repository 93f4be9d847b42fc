output "function_arn" {
  description = "ARN of the function that tells of decisions and reviews approvals."
  value       = module.function.arn
}

output "dead_letter_queue_arn" {
  description = "ARN of the queue of decisions that could not be told or reviewed."
  value       = module.approvals.dead_letter_queue_arn
}
