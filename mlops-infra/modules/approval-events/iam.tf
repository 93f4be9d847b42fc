resource "aws_iam_role" "forward" {
  name                 = "${var.events_role_name}-forward"
  description          = "Lets EventBridge forward decisions on model versions to the workload accounts"
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
          ArnEquals    = { "aws:SourceArn" = local.rule_arn }
          StringEquals = { "aws:SourceAccount" = var.account_id }
        }
      },
    ]
  })
}

resource "aws_iam_role_policy" "forward" {
  # Without a workload account there is nobody to forward to.
  count = length(local.bus_arns) > 0 ? 1 : 0

  name = "forward-decisions"
  role = aws_iam_role.forward.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "ForwardDecisions"
        Effect   = "Allow"
        Action   = "events:PutEvents"
        Resource = values(local.bus_arns)
        Condition = {
          # By a rule only: not by a call of PutEvents.
          StringEquals = { "events:eventBusInvocation" = "true" }
          "ForAllValues:StringEquals" = {
            "events:source"      = [local.source]
            "events:detail-type" = [local.detail_type]
          }
          # ForAllValues also holds for a key that is not there.
          Null = { "events:source" = "false", "events:detail-type" = "false" }
        }
      },
    ]
  })
}
