mock_provider "aws" {}

variables {
  name              = "acme-ml-prod-alerts-dlq"
  account_id        = "444444444444"
  region            = "eu-west-1"
  rule_arns         = ["arn:aws:events:eu-west-1:444444444444:rule/acme-ml-prod-pipeline-failure", "arn:aws:events:eu-west-1:444444444444:rule/ml/acme-ml-prod-drift-alert"]
  alarm_description = "Events could not be delivered. Read them in the queue."
  alerts_topic_arn  = "arn:aws:sns:eu-west-1:444444444444:acme-ml-alerts"
}

run "eventbridge_sends_for_the_listed_rules_and_nobody_else_sends" {
  command = plan

  assert {
    condition = jsondecode(aws_sqs_queue.this.policy) == {
      Version = "2012-10-17"
      Statement = [
        {
          Sid       = "EventBridge"
          Effect    = "Allow"
          Principal = { Service = "events.amazonaws.com" }
          Action    = "sqs:SendMessage"
          Resource  = "arn:aws:sqs:eu-west-1:444444444444:acme-ml-prod-alerts-dlq"
          Condition = { ArnEquals = { "aws:SourceArn" = ["arn:aws:events:eu-west-1:444444444444:rule/acme-ml-prod-pipeline-failure", "arn:aws:events:eu-west-1:444444444444:rule/ml/acme-ml-prod-drift-alert"] } }
        },
      ]
    }
    error_message = "The policy must hold these statements and no others."
  }

  assert {
    condition     = output.policy == aws_sqs_queue.this.policy && output.name == "acme-ml-prod-alerts-dlq"
    error_message = "The calling module must see the policy and the name."
  }
}

run "messages_are_encrypted_and_kept_for_two_weeks" {
  command = plan

  assert {
    condition     = aws_sqs_queue.this.name == "acme-ml-prod-alerts-dlq" && aws_sqs_queue.this.sqs_managed_sse_enabled && aws_sqs_queue.this.message_retention_seconds == 14 * 24 * 3600
    error_message = "People must have two weeks to read what was not delivered, and nobody else reads it."
  }
}

run "first_message_alerts_and_an_empty_queue_ends_it" {
  command = plan

  assert {
    condition     = [aws_cloudwatch_metric_alarm.this.alarm_name, aws_cloudwatch_metric_alarm.this.alarm_description] == ["acme-ml-prod-alerts-dlq-not-empty", var.alarm_description]
    error_message = "The alarm must be called after its queue and say what to do."
  }

  assert {
    condition     = [aws_cloudwatch_metric_alarm.this.namespace, aws_cloudwatch_metric_alarm.this.metric_name, aws_cloudwatch_metric_alarm.this.statistic] == ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum"] && aws_cloudwatch_metric_alarm.this.dimensions == tomap({ QueueName = "acme-ml-prod-alerts-dlq" })
    error_message = "The alarm must watch how many messages this queue holds."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.this.comparison_operator == "GreaterThanThreshold" && aws_cloudwatch_metric_alarm.this.threshold == 0 && aws_cloudwatch_metric_alarm.this.period * aws_cloudwatch_metric_alarm.this.evaluation_periods == 60
    error_message = "A queue that is not empty must alert within a minute."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.this.treat_missing_data == "notBreaching"
    error_message = "SQS reports nothing of a queue that was never used: that is no alert."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.this.alarm_actions == toset([var.alerts_topic_arn]) && aws_cloudwatch_metric_alarm.this.ok_actions == toset([var.alerts_topic_arn])
    error_message = "The topic must be told of both."
  }

  assert {
    condition     = output.alarm == { queue = "acme-ml-prod-alerts-dlq", topic_arn = var.alerts_topic_arn }
    error_message = "The calling module must see what the alarm watches and whom it tells."
  }
}
