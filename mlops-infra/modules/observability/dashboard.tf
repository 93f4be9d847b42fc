locals {
  pipeline_namespace = "AWS/Sagemaker/ModelBuildingPipeline"

  # The default bus has no dimension of its own.
  # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
  rule_dimensions = {
    for title, rule in { drift = var.drift_rule, approvals = var.approval_rule } : title =>
    concat(rule.bus == "default" ? [] : ["EventBusName", rule.bus], ["RuleName", rule.name])
  }

  functions = sort(var.function_names)
  pipelines = sort(var.pipeline_names)

  # Rows of two graphs each, 12 of 24 columns wide and 6 high.
  graphs = [
    {
      title = "Pipeline executions"
      rows  = [for pair in setproduct(local.pipelines, ["ExecutionStarted", "ExecutionSucceeded"]) : [local.pipeline_namespace, pair[1], "PipelineName", pair[0]]]
    },
    {
      title = "Failed executions"
      rows  = [for name in local.pipelines : [local.pipeline_namespace, "ExecutionFailed", "PipelineName", name]]
    },
    {
      title = "Drift events"
      rows  = [concat(["AWS/Events", "TriggeredRules"], local.rule_dimensions["drift"])]
    },
    {
      title = "Approvals and rejections"
      rows  = [concat(["AWS/Events", "TriggeredRules"], local.rule_dimensions["approvals"])]
    },
    {
      title = "Messages in dead-letter queues"
      rows  = [for name in sort(var.queue_names) : ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", name]]
    },
    {
      title = "Function errors and throttles"
      rows  = [for pair in setproduct(local.functions, ["Errors", "Throttles"]) : ["AWS/Lambda", pair[1], "FunctionName", pair[0]]]
    },
  ]
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name_prefix
  dashboard_body = jsonencode({
    widgets = [
      for index, graph in local.graphs : {
        type   = "metric"
        x      = 12 * (index % 2)
        y      = 6 * floor(index / 2)
        width  = 12
        height = 6
        properties = {
          title   = graph.title
          region  = var.region
          view    = "timeSeries"
          stat    = graph.title == "Messages in dead-letter queues" ? "Maximum" : "Sum"
          period  = 300
          metrics = graph.rows
        }
      }
    ]
  })
}
