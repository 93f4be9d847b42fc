mock_provider "aws" {
  mock_resource "aws_cloudwatch_event_rule" {
    defaults        = { arn = "arn:aws:events:eu-west-1:444444444444:rule/ml/acme-ml-prod-retrain-on-drift" }
    override_during = plan
  }
  mock_resource "aws_sqs_queue" {
    defaults        = { arn = "arn:aws:sqs:eu-west-1:444444444444:acme-ml-prod-start-retrain-dlq" }
    override_during = plan
  }
}

variables {
  name              = "acme-ml-prod-retrain-on-drift"
  description       = "Starts training for a use case whose batch has drifted"
  account_id        = "444444444444"
  region            = "eu-west-1"
  event_bus_name    = "ml"
  event_pattern     = "{\"source\":[\"promotion.data-quality\"],\"account\":[\"444444444444\"]}"
  target_id         = "start-retrain"
  statement_id      = "drift-rule"
  function          = { arn = "arn:aws:lambda:eu-west-1:444444444444:function:acme-ml-prod-start-retrain", name = "acme-ml-prod-start-retrain" }
  delivery          = { maximum_age_seconds = 3600, maximum_retries = 10 }
  invocation        = { maximum_age_seconds = 7200 }
  queue_name        = "acme-ml-prod-start-retrain-dlq"
  alarm_description = "Training was not started. Read the event in the queue."
  alerts_topic_arn  = "arn:aws:sns:eu-west-1:444444444444:acme-ml-alerts"
}

run "rule_hands_its_events_to_the_function" {
  command = plan

  assert {
    condition     = [aws_cloudwatch_event_rule.this.name, aws_cloudwatch_event_rule.this.description, aws_cloudwatch_event_rule.this.event_bus_name, aws_cloudwatch_event_rule.this.event_pattern] == [var.name, var.description, "ml", var.event_pattern]
    error_message = "The rule must be the given one, on the given bus."
  }

  assert {
    condition     = [aws_cloudwatch_event_target.this.rule, aws_cloudwatch_event_target.this.event_bus_name, aws_cloudwatch_event_target.this.target_id, aws_cloudwatch_event_target.this.arn] == [var.name, "ml", "start-retrain", var.function.arn]
    error_message = "The rule's target must be the function."
  }

  assert {
    condition     = [aws_cloudwatch_event_target.this.retry_policy[0].maximum_event_age_in_seconds, aws_cloudwatch_event_target.this.retry_policy[0].maximum_retry_attempts] == [3600, 10]
    error_message = "Delivery must be tried again."
  }
}

run "this_rule_may_invoke_and_nobody_else" {
  command = plan

  assert {
    condition = [
      aws_lambda_permission.this.statement_id, aws_lambda_permission.this.action, aws_lambda_permission.this.function_name,
      aws_lambda_permission.this.principal, aws_lambda_permission.this.source_arn, aws_lambda_permission.this.source_account,
    ] == ["drift-rule", "lambda:InvokeFunction", "acme-ml-prod-start-retrain", "events.amazonaws.com", "arn:aws:events:eu-west-1:444444444444:rule/ml/acme-ml-prod-retrain-on-drift", "444444444444"]
    error_message = "EventBridge may invoke the function for this rule of this account only."
  }
}

run "what_is_not_delivered_and_what_fails_is_kept_and_alarmed" {
  command = plan

  assert {
    condition     = aws_cloudwatch_event_target.this.dead_letter_config[0].arn == module.dead_letters.arn && aws_lambda_function_event_invoke_config.this.destination_config[0].on_failure[0].destination == module.dead_letters.arn
    error_message = "Both ways of failing must end in the queue."
  }

  assert {
    condition     = [aws_lambda_function_event_invoke_config.this.function_name, tostring(aws_lambda_function_event_invoke_config.this.maximum_event_age_in_seconds), tostring(aws_lambda_function_event_invoke_config.this.maximum_retry_attempts)] == ["acme-ml-prod-start-retrain", "7200", "2"]
    error_message = "Lambda must try again, for as long as is asked for."
  }

  assert {
    condition     = [for statement in jsondecode(output.dead_letter_queue_policy).Statement : [statement.Resource, statement.Condition]] == [["arn:aws:sqs:eu-west-1:444444444444:acme-ml-prod-start-retrain-dlq", { ArnEquals = { "aws:SourceArn" = ["arn:aws:events:eu-west-1:444444444444:rule/ml/acme-ml-prod-retrain-on-drift"] } }]]
    error_message = "The queue must take events of this rule, on its bus, and of no other."
  }

  assert {
    condition     = output.alarm == { queue = "acme-ml-prod-start-retrain-dlq", topic_arn = var.alerts_topic_arn }
    error_message = "A queue that is not empty must alert."
  }

  assert {
    condition     = output.dead_letter_queue_arn == module.dead_letters.arn && output.rule_arn == aws_cloudwatch_event_rule.this.arn
    error_message = "The calling module must know the queue and the rule."
  }
}

run "rule_of_the_default_bus" {
  command = plan

  variables {
    event_bus_name = "default"
  }

  assert {
    condition     = jsondecode(output.dead_letter_queue_policy).Statement[0].Condition.ArnEquals["aws:SourceArn"] == ["arn:aws:events:eu-west-1:444444444444:rule/acme-ml-prod-retrain-on-drift"]
    error_message = "ARNs of the default bus' rules do not name the bus."
  }
}

run "calling_module_sees_what_it_asked_for" {
  command = plan

  assert {
    condition = jsonencode(output.settings) == jsonencode({
      rule           = "acme-ml-prod-retrain-on-drift"
      event_bus_name = "ml"
      event_pattern  = { source = ["promotion.data-quality"], account = ["444444444444"] }
      function_name  = "acme-ml-prod-start-retrain"
      delivery       = { maximum_age_seconds = 3600, maximum_retries = 10 }
      invocation     = { maximum_age_seconds = 7200, maximum_retries = 2 }
    })
    error_message = "The settings must be those that were given."
  }
}
