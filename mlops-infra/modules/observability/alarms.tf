locals {
  function_alarms = merge([
    for name in var.function_names : {
      "${name}-errors"    = { function = name, metric = "Errors", text = "failed" }
      "${name}-throttles" = { function = name, metric = "Throttles", text = "was throttled" }
    }
  ]...)

  # An error of a function that a pipeline calls fails the step, and that is told already: one
  # failure, one alert. Its alarm stands on the console all the same.
  told_alarms = {
    for key, alarm in local.function_alarms : key => alarm.metric == "Errors" && contains(var.step_function_names, alarm.function) ? [] : [var.alerts_topic_arn]
  }
}

resource "aws_cloudwatch_metric_alarm" "function" {
  for_each = local.function_alarms

  alarm_name          = each.key
  alarm_description   = "The function ${each.value.function} ${each.value.text}. Read its log group /aws/lambda/${each.value.function}, and the dead-letter queues for what it left undone."
  namespace           = "AWS/Lambda"
  metric_name         = each.value.metric
  dimensions          = { FunctionName = each.value.function }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.told_alarms[each.key]
  ok_actions          = local.told_alarms[each.key]
}

# A run that stops on drift has failed, too. Nobody is told by this alarm: the failed step was.
# https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html#cloudwatch-metrics-pipelines
resource "aws_cloudwatch_metric_alarm" "pipeline" {
  for_each = var.pipeline_names

  alarm_name          = "${var.name_prefix}-${each.key}-failed"
  alarm_description   = "An execution of the pipeline ${each.key} failed. The alert of the failed step has said why; a run that stops on drift counts as failed."
  namespace           = local.pipeline_namespace
  metric_name         = "ExecutionFailed"
  dimensions          = { PipelineName = each.key }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
}
