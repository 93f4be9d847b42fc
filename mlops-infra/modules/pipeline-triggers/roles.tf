# Each kind of target has a role of its own, which only its own rules may have EventBridge assume.
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-conditions.html
locals {
  target_roles = {
    for kind, role in {
      schedule = {
        description = "Lets EventBridge start the scheduled pipelines"
        rules       = local.schedule_rule_arns
        pipelines   = [for name, use_case in local.scheduled : local.pipeline_arns[name][use_case.schedule.pipeline]]
      }
      approval = {
        description = "Lets EventBridge start pipelines when a model version is approved"
        rules       = local.approved_rule_arns
        pipelines   = [for name, use_case in local.approved : local.pipeline_arns[name][use_case.start_on_approval]]
      }
    } : kind => role if length(role.rules) > 0
  }
}

resource "aws_iam_role" "target" {
  for_each = local.target_roles

  name                 = "${var.events_role_name}-${each.key}"
  description          = each.value.description
  permissions_boundary = var.permissions_boundary_arn
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "EventBridge"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = "sts:AssumeRole"
        Condition = {
          ArnEquals    = { "aws:SourceArn" = each.value.rules }
          StringEquals = { "aws:SourceAccount" = var.account_id }
        }
      },
    ]
  })
}

resource "aws_iam_role_policy" "target" {
  for_each = local.target_roles

  name = "start-pipelines"
  role = aws_iam_role.target[each.key].name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "StartPipelines"
        Effect   = "Allow"
        Action   = "sagemaker:StartPipelineExecution"
        Resource = each.value.pipelines
      },
    ]
  })
}
