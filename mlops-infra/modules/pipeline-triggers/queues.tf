locals {
  # What feeds each queue: the rules whose targets name it.
  queue_sources = {
    for key, sources in {
      alerts = [
        "${local.default_rules}/${local.rule_names.failure_alert}",
        "${local.drift_rules}/${local.rule_names.drift_alert}",
        "${local.default_rules}/${local.rule_names.approval_alert}",
      ]
      schedule       = local.schedule_rule_arns
      start-approved = local.approved_rule_arns
      start-retrain  = length(local.retrained) > 0 ? ["${local.drift_rules}/${local.rule_names.drift}"] : []
    } : key => sources if length(sources) > 0
  }

  queue_names = { for key in keys(local.queue_sources) : key => "${var.name_prefix}-${key}-dlq" }
  queue_arns  = { for key, name in local.queue_names : key => "arn:aws:sqs:${var.region}:${var.account_id}:${name}" }
}

# The policy stands in the queue itself, on a name known beforehand: as a resource of its own it
# would wait for SQS a second time.
resource "aws_sqs_queue" "dead_letters" {
  for_each = local.queue_names

  name                      = each.value
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "EventBridge"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = "sqs:SendMessage"
        Resource  = local.queue_arns[each.key]
        Condition = { ArnEquals = { "aws:SourceArn" = local.queue_sources[each.key] } }
      },
    ]
  })
}

resource "aws_cloudwatch_metric_alarm" "dead_letters" {
  for_each = local.queue_names

  alarm_name          = "${each.value}-not-empty"
  alarm_description   = "Events of ${each.value} could not be delivered. Read them in the queue, remove the cause, do by hand what the event should have led to and purge the queue."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = each.value }
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alerts_topic_arn]
  ok_actions          = [var.alerts_topic_arn]
}
