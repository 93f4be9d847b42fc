# Log groups, alarms, dashboards and the topic that alerts go to.
locals {
  logs          = "arn:aws:logs:${var.region}:${var.account_id}:log-group"
  log_arns      = concat(["${local.logs}:/aws/lambda/${local.name_prefix}-*"], var.kind == "workload" ? ["${local.logs}:/aws/sagemaker/*"] : [])
  alarm_arn     = "arn:aws:cloudwatch:${var.region}:${var.account_id}:alarm:${local.name_prefix}-*"
  dashboard_arn = "arn:aws:cloudwatch::${var.account_id}:dashboard/${local.name_prefix}"
  topic_arn     = "arn:aws:sns:${var.region}:${var.account_id}:${var.alerts_topic}"

  monitoring_read = concat(local.dashboard_read, [
    {
      Sid      = "ReadLogGroups"
      Effect   = "Allow"
      Action   = "logs:ListTagsForResource"
      Resource = local.log_arns
    },
    {
      # logs:DescribeLogGroups has no resource-level permission.
      Sid      = "FindLogGroups"
      Effect   = "Allow"
      Action   = "logs:DescribeLogGroups"
      Resource = "*"
    },
    {
      Sid      = "ReadAlarms"
      Effect   = "Allow"
      Action   = ["cloudwatch:DescribeAlarms", "cloudwatch:ListTagsForResource"]
      Resource = local.alarm_arn
    },
    {
      Sid      = "ReadAlertsTopic"
      Effect   = "Allow"
      Action   = ["sns:GetTopicAttributes", "sns:ListTagsForResource"]
      Resource = local.topic_arn
    },
    {
      # sns:GetSubscriptionAttributes has no resource-level permission.
      Sid      = "ReadSubscriptions"
      Effect   = "Allow"
      Action   = "sns:GetSubscriptionAttributes"
      Resource = "*"
    },
  ])

  monitoring_change = concat(local.dashboard_change, [
    {
      Sid    = "ManageLogGroups"
      Effect = "Allow"
      # The registry's are those of the functions that write the ledger, and stay.
      Action   = concat(["logs:CreateLogGroup", "logs:PutRetentionPolicy", "logs:TagResource"], var.kind == "registry" ? [] : ["logs:DeleteLogGroup"])
      Resource = local.log_arns
    },
    {
      Sid      = "ManageAlarms"
      Effect   = "Allow"
      Action   = ["cloudwatch:DeleteAlarms", "cloudwatch:PutMetricAlarm", "cloudwatch:TagResource"]
      Resource = local.alarm_arn
    },
    {
      Sid      = "ManageAlertsTopic"
      Effect   = "Allow"
      Action   = ["sns:CreateTopic", "sns:DeleteTopic", "sns:SetTopicAttributes", "sns:Subscribe", "sns:TagResource"]
      Resource = local.topic_arn
    },
    {
      # sns:Unsubscribe has no resource-level permission.
      Sid      = "ManageSubscriptions"
      Effect   = "Allow"
      Action   = "sns:Unsubscribe"
      Resource = "*"
    },
  ])

  # `promote doctor` tells who gets the alerts.
  monitoring_look = [
    {
      Sid      = "FindSubscribers"
      Effect   = "Allow"
      Action   = "sns:ListSubscriptionsByTopic"
      Resource = local.topic_arn
    },
  ]

  # Only workload accounts have a dashboard.
  dashboard_read = [
    for statement in [
      {
        Sid      = "ReadDashboards"
        Effect   = "Allow"
        Action   = "cloudwatch:GetDashboard"
        Resource = local.dashboard_arn
      },
    ] : statement if var.kind == "workload"
  ]

  dashboard_change = [
    for statement in [
      {
        Sid      = "ManageDashboards"
        Effect   = "Allow"
        Action   = ["cloudwatch:DeleteDashboards", "cloudwatch:PutDashboard"]
        Resource = local.dashboard_arn
      },
    ] : statement if var.kind == "workload"
  ]
}
