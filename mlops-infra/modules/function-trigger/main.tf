locals {
  rule_arn = "arn:aws:events:${var.region}:${var.account_id}:rule/${var.event_bus_name == "default" ? "" : "${var.event_bus_name}/"}${var.name}"
}

resource "aws_cloudwatch_event_rule" "this" {
  name           = var.name
  description    = var.description
  state          = "ENABLED"
  event_bus_name = var.event_bus_name
  event_pattern  = var.event_pattern
}

resource "aws_cloudwatch_event_target" "this" {
  rule           = aws_cloudwatch_event_rule.this.name
  event_bus_name = var.event_bus_name
  target_id      = var.target_id
  arn            = var.function.arn

  retry_policy {
    maximum_event_age_in_seconds = var.delivery.maximum_age_seconds
    maximum_retry_attempts       = var.delivery.maximum_retries
  }

  dead_letter_config {
    arn = module.dead_letters.arn
  }
}

resource "aws_lambda_permission" "this" {
  statement_id   = var.statement_id
  action         = "lambda:InvokeFunction"
  function_name  = var.function.name
  principal      = "events.amazonaws.com"
  source_arn     = aws_cloudwatch_event_rule.this.arn
  source_account = var.account_id
}

# EventBridge's own dead-letter queue holds events that never reached the function. What the
# function was handed and could not do ends up in the same queue.
resource "aws_lambda_function_event_invoke_config" "this" {
  function_name                = var.function.name
  maximum_event_age_in_seconds = var.invocation.maximum_age_seconds
  maximum_retry_attempts       = var.invocation.maximum_retries

  destination_config {
    on_failure {
      destination = module.dead_letters.arn
    }
  }
}

module "dead_letters" {
  source = "../dead-letter-queue"

  name              = var.queue_name
  account_id        = var.account_id
  region            = var.region
  rule_arns         = [local.rule_arn]
  alarm_description = var.alarm_description
  alerts_topic_arn  = var.alerts_topic_arn
}
