# A failed step alerts people and starts nothing. The step that stops a run on drift is left out:
# drift has an alert of its own, which says more.
resource "aws_cloudwatch_event_rule" "failure_alert" {
  name        = local.rule_names.failure_alert
  description = "Alerts when a pipeline step has failed for any reason but drift"
  state       = "ENABLED"
  event_pattern = jsonencode({
    source      = ["aws.sagemaker"]
    detail-type = ["SageMaker Model Building Pipeline Execution Step Status Change"]
    account     = [var.account_id]
    detail = {
      currentStepStatus = ["Failed"]
      stepName          = [{ anything-but = [var.drift_step_name] }]
    }
  })
}

resource "aws_cloudwatch_event_target" "failure_alert" {
  rule      = aws_cloudwatch_event_rule.failure_alert.name
  target_id = "notify"
  arn       = module.notify.arn

  retry_policy {
    maximum_event_age_in_seconds = 3600
    maximum_retry_attempts       = 10
  }

  dead_letter_config {
    arn = module.dead_letters["alerts"].arn
  }
}

resource "aws_cloudwatch_event_rule" "drift_alert" {
  name           = local.rule_names.drift_alert
  description    = "Alerts when a batch has drifted from the model's baseline"
  state          = "ENABLED"
  event_bus_name = var.event_bus_name
  event_pattern = jsonencode({
    source      = [local.drift_source]
    detail-type = [local.drift_detail_type, local.warning_detail_type]
    account     = [var.account_id]
  })
}

resource "aws_cloudwatch_event_target" "drift_alert" {
  rule           = aws_cloudwatch_event_rule.drift_alert.name
  event_bus_name = var.event_bus_name
  target_id      = "notify"
  arn            = module.notify.arn

  retry_policy {
    maximum_event_age_in_seconds = 3600
    maximum_retry_attempts       = 10
  }

  dead_letter_config {
    arn = module.dead_letters["alerts"].arn
  }
}
