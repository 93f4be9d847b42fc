# A failed step alerts people and starts nothing. The step that stops a run on drift is left out:
# drift has an alert of its own, which says more. A topic is reached by its own policy: EventBridge
# takes no role for it. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
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
  target_id = "alerts-topic"
  arn       = var.alerts_topic_arn

  input_transformer {
    input_paths = {
      step      = "$.detail.stepName"
      type      = "$.detail.stepType"
      reason    = "$.detail.failureReason"
      pipeline  = "$.detail.pipelineArn"
      execution = "$.detail.pipelineExecutionArn"
      time      = "$.time"
    }
    input_template = join("\n", [for line in local.failure_text : "\"${line}\""])
  }

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
    detail-type = [local.drift_detail_type]
    account     = [var.account_id]
  })
}

resource "aws_cloudwatch_event_target" "drift_alert" {
  rule           = aws_cloudwatch_event_rule.drift_alert.name
  event_bus_name = var.event_bus_name
  target_id      = "alerts-topic"
  arn            = var.alerts_topic_arn

  input_transformer {
    input_paths = {
      use_case   = "$.detail.use_case"
      version    = "$.detail.model_version"
      model      = "$.detail.model_package_arn"
      batch      = "$.detail.batch_uri"
      violations = "$.detail.violations_uri"
      execution  = "$.detail.pipeline_execution_id"
      time       = "$.time"
    }
    input_template = join("\n", [for line in local.drift_text : "\"${line}\""])
  }

  retry_policy {
    maximum_event_age_in_seconds = 3600
    maximum_retry_attempts       = 10
  }

  dead_letter_config {
    arn = module.dead_letters["alerts"].arn
  }
}

# EventBridge sends a template of several quoted lines as that many lines of text.
locals {
  failure_text = [
    "A pipeline step failed in ${var.name_prefix}.",
    "Step:      <step> (<type>)",
    "Reason:    <reason>",
    "Pipeline:  <pipeline>",
    "Execution: <execution>",
    "Time:      <time>",
    "What to do: read the step's log in CloudWatch (log groups /aws/sagemaker and /aws/lambda), remove the cause and start the pipeline again. No training was started by this failure.",
  ]

  drift_text = [
    "Data drift in ${var.name_prefix}: use case <use_case>.",
    "Batch:      <batch>",
    "Violations: <violations>",
    "Model:      version <version> (<model>)",
    "Execution:  <execution>",
    "Time:       <time>",
    "The batch was not scored. ${local.retrain_text}",
    "What to do: look at the violations. A new model version serves only once it is approved in the registry account.",
  ]

  retrain_text = length(local.retrained) > 0 ? "Training starts by itself for: ${join(", ", keys(local.retrained))}." : "No use case of this environment trains by itself: start its train pipeline if the drift is real."
}
