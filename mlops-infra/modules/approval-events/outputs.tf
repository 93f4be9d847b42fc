output "forward_role_arn" {
  description = "ARN of the role with which EventBridge forwards decisions; the workload accounts' buses let it in."
  value       = aws_iam_role.forward.arn
}

output "rule_arn" {
  description = "ARN of the rule that sees every approval and rejection."
  value       = aws_cloudwatch_event_rule.approval.arn
}

output "dead_letter_queue_arn" {
  description = "ARN of the queue that keeps what could not be delivered."
  value       = module.dead_letters.arn
}
