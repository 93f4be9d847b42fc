locals {
  function_alarms = merge([
    for name in var.function_names : {
      "${name}-errors"    = { function = name, metric = "Errors", text = "failed" }
      "${name}-throttles" = { function = name, metric = "Throttles", text = "was throttled" }
    }
  ]...)
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
  alarm_actions       = [var.alerts_topic_arn]
  ok_actions          = [var.alerts_topic_arn]
}

# A run that stops on drift has failed, too.
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
  alarm_actions       = [var.alerts_topic_arn]
  ok_actions          = [var.alerts_topic_arn]
}
