# The module makes no policy; what it shows and alarms on is asserted here.

mock_provider "aws" {}

variables {
  name_prefix         = "acme-ml-prod"
  region              = "eu-west-1"
  alerts_topic_arn    = "arn:aws:sns:eu-west-1:444444444444:acme-ml-alerts"
  pipeline_names      = ["mammography-train", "mammography-inference"]
  function_names      = ["acme-ml-prod-emit-drift", "acme-ml-prod-resolve-model"]
  step_function_names = ["acme-ml-prod-resolve-model"]
  queue_names         = ["acme-ml-prod-schedule-dlq", "acme-ml-prod-alerts-dlq"]
  drift_rule          = { name = "acme-ml-prod-drift-alert", bus = "ml" }
  approval_rule       = { name = "acme-ml-prod-approval-alert", bus = "default" }
  log_retention_days  = 90
}

run "sagemakers_log_groups_forget" {
  command = plan

  assert {
    condition     = { for group in aws_cloudwatch_log_group.sagemaker : group.name => group.retention_in_days } == { "/aws/sagemaker/ProcessingJobs" = 90, "/aws/sagemaker/TrainingJobs" = 90, "/aws/sagemaker/TransformJobs" = 90, "/aws/sagemaker/studio" = 90 }
    error_message = "Every group that SageMaker writes to needs a retention."
  }
}

run "failures_alarm_the_topic" {
  command = plan

  assert {
    condition     = { for name, alarm in aws_cloudwatch_metric_alarm.pipeline : alarm.alarm_name => [alarm.namespace, alarm.metric_name, alarm.dimensions["PipelineName"]] } == { for name in var.pipeline_names : "acme-ml-prod-${name}-failed" => ["AWS/Sagemaker/ModelBuildingPipeline", "ExecutionFailed", name] }
    error_message = "Every pipeline needs an alarm on failed executions."
  }

  assert {
    condition     = { for name, alarm in aws_cloudwatch_metric_alarm.function : name => [alarm.namespace, alarm.metric_name, alarm.dimensions["FunctionName"]] } == merge([for name in var.function_names : { "${name}-errors" = ["AWS/Lambda", "Errors", name], "${name}-throttles" = ["AWS/Lambda", "Throttles", name] }]...)
    error_message = "Every function needs alarms on errors and throttles."
  }

  assert {
    condition = { for name, alarm in aws_cloudwatch_metric_alarm.function : name => alarm.alarm_actions == toset([var.alerts_topic_arn]) && alarm.ok_actions == toset([var.alerts_topic_arn]) } == {
      acme-ml-prod-emit-drift-errors       = true
      acme-ml-prod-emit-drift-throttles    = true
      acme-ml-prod-resolve-model-errors    = false
      acme-ml-prod-resolve-model-throttles = true
    }
    error_message = "Alarms must alert the topic, and again when all is well, but for what a failed step tells."
  }

  assert {
    condition     = alltrue([for alarm in values(aws_cloudwatch_metric_alarm.pipeline) : alarm.alarm_actions == null])
    error_message = "A failed execution is told by its failed step."
  }

  assert {
    condition     = alltrue([for alarm in concat(values(aws_cloudwatch_metric_alarm.pipeline), values(aws_cloudwatch_metric_alarm.function)) : alarm.treat_missing_data == "notBreaching"])
    error_message = "Silence is no failure."
  }
}

run "dashboard_shows_executions_drift_and_approvals" {
  command = plan

  assert {
    condition     = aws_cloudwatch_dashboard.this.dashboard_name == "acme-ml-prod"
    error_message = "The dashboard is named after the environment."
  }

  assert {
    condition = jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets == jsondecode(jsonencode([
      {
        type       = "metric", x = 0, y = 0, width = 12, height = 6
        properties = { title = "Pipeline executions", region = "eu-west-1", view = "timeSeries", stat = "Sum", period = 300, metrics = [["AWS/Sagemaker/ModelBuildingPipeline", "ExecutionStarted", "PipelineName", "mammography-inference"], ["AWS/Sagemaker/ModelBuildingPipeline", "ExecutionSucceeded", "PipelineName", "mammography-inference"], ["AWS/Sagemaker/ModelBuildingPipeline", "ExecutionStarted", "PipelineName", "mammography-train"], ["AWS/Sagemaker/ModelBuildingPipeline", "ExecutionSucceeded", "PipelineName", "mammography-train"]] }
      },
      {
        type       = "metric", x = 12, y = 0, width = 12, height = 6
        properties = { title = "Failed executions", region = "eu-west-1", view = "timeSeries", stat = "Sum", period = 300, metrics = [["AWS/Sagemaker/ModelBuildingPipeline", "ExecutionFailed", "PipelineName", "mammography-inference"], ["AWS/Sagemaker/ModelBuildingPipeline", "ExecutionFailed", "PipelineName", "mammography-train"]] }
      },
      {
        type       = "metric", x = 0, y = 6, width = 12, height = 6
        properties = { title = "Drift events", region = "eu-west-1", view = "timeSeries", stat = "Sum", period = 300, metrics = [["AWS/Events", "TriggeredRules", "EventBusName", "ml", "RuleName", "acme-ml-prod-drift-alert"]] }
      },
      {
        type       = "metric", x = 12, y = 6, width = 12, height = 6
        properties = { title = "Approvals and rejections", region = "eu-west-1", view = "timeSeries", stat = "Sum", period = 300, metrics = [["AWS/Events", "TriggeredRules", "RuleName", "acme-ml-prod-approval-alert"]] }
      },
      {
        type       = "metric", x = 0, y = 12, width = 12, height = 6
        properties = { title = "Messages in dead-letter queues", region = "eu-west-1", view = "timeSeries", stat = "Maximum", period = 300, metrics = [["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", "acme-ml-prod-alerts-dlq"], ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", "acme-ml-prod-schedule-dlq"]] }
      },
      {
        type       = "metric", x = 12, y = 12, width = 12, height = 6
        properties = { title = "Function errors and throttles", region = "eu-west-1", view = "timeSeries", stat = "Sum", period = 300, metrics = [["AWS/Lambda", "Errors", "FunctionName", "acme-ml-prod-emit-drift"], ["AWS/Lambda", "Throttles", "FunctionName", "acme-ml-prod-emit-drift"], ["AWS/Lambda", "Errors", "FunctionName", "acme-ml-prod-resolve-model"], ["AWS/Lambda", "Throttles", "FunctionName", "acme-ml-prod-resolve-model"]] }
      },
    ]))
    error_message = "The dashboard must show these graphs and no others."
  }
}
