output "arn" {
  description = "ARN of the queue."
  value       = aws_sqs_queue.this.arn
}

output "name" {
  description = "Name of the queue."
  value       = aws_sqs_queue.this.name
}

output "policy" {
  description = "The queue's policy, as JSON."
  value       = aws_sqs_queue.this.policy
}

output "alarm" {
  description = "`queue` that the alarm watches and `topic_arn` that it tells, so that the calling module's tests can see it."
  value = {
    queue     = aws_cloudwatch_metric_alarm.this.dimensions.QueueName
    topic_arn = one(aws_cloudwatch_metric_alarm.this.alarm_actions)
  }
}
