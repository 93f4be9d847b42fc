# Every end of an execution, however it ended. SageMaker sends its events to the default bus.
locals {
  rule_name  = "${var.name_prefix}-record-execution"
  rule_arn   = "arn:aws:events:${var.region}:${var.account_id}:rule/${local.rule_name}"
  queue_name = "${var.name_prefix}-record-execution-dlq"
  queue_arn  = "arn:aws:sqs:${var.region}:${var.account_id}:${local.queue_name}"
}

resource "aws_cloudwatch_event_rule" "ended" {
  name        = local.rule_name
  description = "Records pipeline executions that have ended in the audit ledger"
  event_pattern = jsonencode({
    source      = ["aws.sagemaker"]
    detail-type = ["SageMaker Model Building Pipeline Execution Status Change"]
    account     = [var.account_id]
    detail = {
      currentPipelineExecutionStatus = ["Failed", "Stopped", "Succeeded"]
      pipelineArn                    = local.pipeline_arns
    }
  })
}

resource "aws_cloudwatch_event_target" "ended" {
  rule      = aws_cloudwatch_event_rule.ended.name
  target_id = "record-execution"
  arn       = module.function.arn

  retry_policy {
    maximum_event_age_in_seconds = 86400
    maximum_retry_attempts       = 185
  }

  dead_letter_config {
    arn = aws_sqs_queue.dead_letters.arn
  }
}

resource "aws_lambda_permission" "ended" {
  statement_id   = "ended-rule"
  action         = "lambda:InvokeFunction"
  function_name  = module.function.name
  principal      = "events.amazonaws.com"
  source_arn     = aws_cloudwatch_event_rule.ended.arn
  source_account = var.account_id
}

# EventBridge's own dead-letter queue holds events that never reached the function. What the
# function was handed and could not do ends up in the same queue.
resource "aws_lambda_function_event_invoke_config" "this" {
  function_name                = module.function.name
  maximum_event_age_in_seconds = 21600
  maximum_retry_attempts       = 2

  destination_config {
    on_failure {
      destination = aws_sqs_queue.dead_letters.arn
    }
  }
}

# The policy stands in the queue itself, on a name known beforehand: as a resource of its own it
# would wait for SQS a second time.
resource "aws_sqs_queue" "dead_letters" {
  name                      = local.queue_name
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
        Resource  = local.queue_arn
        Condition = { ArnEquals = { "aws:SourceArn" = local.rule_arn } }
      },
    ]
  })
}

resource "aws_cloudwatch_metric_alarm" "dead_letters" {
  alarm_name          = "${local.queue_name}-not-empty"
  alarm_description   = "Pipeline executions are missing from the audit ledger. Read them in ${local.queue_name}, remove the cause, invoke ${local.function_name} with each event and purge the queue."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = local.queue_name }
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alerts_topic_arn]
  ok_actions          = [var.alerts_topic_arn]
}
