# Schedules exist on the default bus only.
resource "aws_cloudwatch_event_rule" "schedule" {
  for_each = local.scheduled

  name                = local.rule_names.schedule[each.key]
  description         = "Starts the ${each.value.schedule.pipeline} pipeline of ${each.key}"
  state               = "ENABLED"
  schedule_expression = each.value.schedule.expression
}

resource "aws_cloudwatch_event_target" "schedule" {
  for_each = local.scheduled

  rule      = aws_cloudwatch_event_rule.schedule[each.key].name
  target_id = "start-${each.value.schedule.pipeline}"
  arn       = local.pipeline_arns[each.key][each.value.schedule.pipeline]
  role_arn  = aws_iam_role.target["schedule"].arn

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
    arn = module.dead_letters["schedule"].arn
  }
}
