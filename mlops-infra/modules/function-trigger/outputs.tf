output "rule_arn" {
  description = "ARN of the rule."
  value       = aws_cloudwatch_event_rule.this.arn
}

output "dead_letter_queue_arn" {
  description = "ARN of the queue of events that could not be handled."
  value       = module.dead_letters.arn
}

output "dead_letter_queue_policy" {
  description = "The queue's policy, as JSON."
  value       = module.dead_letters.policy
}

output "alarm" {
  description = "`queue` that the alarm watches and `topic_arn` that it tells, so that the calling module's tests can see it."
  value       = module.dead_letters.alarm
}

output "settings" {
  description = "What the calling module asked for, so that its tests can see it: `rule`, `event_bus_name`, `event_pattern`, `function_name`, `delivery` and `invocation`."
  value = {
    rule           = var.name
    event_bus_name = var.event_bus_name
    event_pattern  = jsondecode(var.event_pattern)
    function_name  = var.function.name
    delivery       = var.delivery
    invocation     = var.invocation
  }
}
