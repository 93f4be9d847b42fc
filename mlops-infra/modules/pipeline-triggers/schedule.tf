# Schedules exist on the default bus only.
resource "aws_cloudwatch_event_rule" "schedule" {
  for_each = local.scheduled

  name                = "${var.name_prefix}-${each.key}-schedule"
  description         = "Starts the ${each.value.schedule.pipeline} pipeline of ${each.key}"
  schedule_expression = each.value.schedule.expression
}

resource "aws_cloudwatch_event_target" "schedule" {
  for_each = local.scheduled

  rule      = aws_cloudwatch_event_rule.schedule[each.key].name
  target_id = "start-${each.value.schedule.pipeline}"
  arn       = local.pipeline_arns[each.key][each.value.schedule.pipeline]
  role_arn  = one(aws_iam_role.events[*].arn)

  sagemaker_pipeline_target {
    pipeline_parameter_list {
      name  = "BatchDate"
      value = "$.time"
    }
  }

  retry_policy {
    maximum_event_age_in_seconds = 3600
    maximum_retry_attempts       = 10
  }

  dead_letter_config {
    arn = aws_sqs_queue.dead_letters["schedule"].arn
  }
}

resource "aws_iam_role" "events" {
  count = length(local.scheduled) > 0 ? 1 : 0

  name        = var.events_role_name
  description = "Lets EventBridge start the scheduled pipelines"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "EventBridge"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = "sts:AssumeRole"
        Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
      },
    ]
  })
}

resource "aws_iam_role_policy" "events" {
  count = length(local.scheduled) > 0 ? 1 : 0

  name = "start-scheduled-pipelines"
  role = aws_iam_role.events[0].name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "StartScheduledPipelines"
        Effect   = "Allow"
        Action   = "sagemaker:StartPipelineExecution"
        Resource = [for name, use_case in local.scheduled : local.pipeline_arns[name][use_case.schedule.pipeline]]
      },
    ]
  })
}
