output "topic_arn" {
  description = "ARN of the topic."
  value       = aws_sns_topic.this.arn
}

output "key_arn" {
  description = "ARN of the topic's KMS key."
  value       = aws_kms_key.this.arn
}
