output "table_arn" {
  description = "ARN of the ledger's table."
  value       = aws_dynamodb_table.this.arn
}

output "function_arn" {
  description = "ARN of the function that records decisions; those of the accounts are named after it."
  value       = module.function.arn
}

output "dead_letter_queue_arn" {
  description = "ARN of the queue of decisions that could not be recorded."
  value       = module.decisions.dead_letter_queue_arn
}
