# EventBridge rules and targets, the bus' policy, and the dead-letter queues.
locals {
  # On the default bus and on a bus of one's own.
  rule_arns = ["arn:aws:events:${var.region}:${var.account_id}:rule/${local.name_prefix}-*", "arn:aws:events:${var.region}:${var.account_id}:rule/*/${local.name_prefix}-*"]
  bus_arns  = "arn:aws:events:${var.region}:${var.account_id}:event-bus"
  queue_arn = "arn:aws:sqs:${var.region}:${var.account_id}:${local.name_prefix}-*"

  events_read = concat(local.bus_read, [
    {
      Sid      = "ReadRules"
      Effect   = "Allow"
      Action   = ["events:DescribeRule", "events:ListTagsForResource", "events:ListTargetsByRule"]
      Resource = local.rule_arns
    },
    {
      Sid      = "ReadQueues"
      Effect   = "Allow"
      Action   = ["sqs:GetQueueAttributes", "sqs:ListQueueTags"]
      Resource = local.queue_arn
    },
  ])

  events_change = concat(local.bus_change, [
    {
      Sid      = "ManageRules"
      Effect   = "Allow"
      Action   = ["events:DeleteRule", "events:PutRule", "events:PutTargets", "events:RemoveTargets", "events:TagResource"]
      Resource = local.rule_arns
    },
    {
      Sid      = "ManageQueues"
      Effect   = "Allow"
      Action   = ["sqs:CreateQueue", "sqs:DeleteQueue", "sqs:SetQueueAttributes", "sqs:TagQueue"]
      Resource = local.queue_arn
    },
    {
      # `promote doctor --probe-alerts` sends this event and no other: none that starts anything.
      Sid      = "SendProbeEvent"
      Effect   = "Allow"
      Action   = "events:PutEvents"
      Resource = "${local.bus_arns}/default"
      Condition = {
        "ForAllValues:StringEquals" = { "events:source" = ["promotion.doctor"], "events:detail-type" = ["Alert Delivery Probe"] }
        Null                        = { "events:source" = ["false"], "events:detail-type" = ["false"] }
      }
    },
    {
      Sid      = "ReceiveProbe"
      Effect   = "Allow"
      Action   = "sqs:ReceiveMessage"
      Resource = "arn:aws:sqs:${var.region}:${var.account_id}:${local.name_prefix}-doctor-*"
    },
  ])

  # A workload account's default bus takes in the registry's decisions.
  bus_read = [
    for statement in [
      {
        Sid      = "ReadBusPolicy"
        Effect   = "Allow"
        Action   = "events:DescribeEventBus"
        Resource = "${local.bus_arns}/default"
      },
    ] : statement if var.kind == "workload"
  ]

  bus_change = [
    for statement in [
      {
        # Both have no resource-level permission.
        Sid      = "ManageBusPolicy"
        Effect   = "Allow"
        Action   = ["events:PutPermission", "events:RemovePermission"]
        Resource = "*"
      },
    ] : statement if var.kind == "workload"
  ]
}
