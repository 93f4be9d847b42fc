# A workload account's infrastructure: functions, rules, queues, alarms, the alerts topic.
locals {
  name_prefix = "${var.project}-${var.environment}"

  workload_statements = [
    {
      Sid    = "ManageFunctions"
      Effect = "Allow"
      Action = [
        "lambda:AddPermission", "lambda:CreateFunction", "lambda:DeleteFunction", "lambda:DeleteFunctionEventInvokeConfig",
        "lambda:GetFunction", "lambda:GetFunctionCodeSigningConfig", "lambda:GetFunctionEventInvokeConfig", "lambda:GetPolicy",
        "lambda:ListVersionsByFunction", "lambda:PutFunctionEventInvokeConfig", "lambda:RemovePermission", "lambda:TagResource",
        "lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration",
      ]
      Resource = "arn:aws:lambda:${var.region}:${var.account_id}:function:${local.name_prefix}-*"
    },
    {
      Sid      = "ManageFunctionLogs"
      Effect   = "Allow"
      Action   = ["logs:CreateLogGroup", "logs:DeleteLogGroup", "logs:ListTagsForResource", "logs:PutRetentionPolicy", "logs:TagResource"]
      Resource = "arn:aws:logs:${var.region}:${var.account_id}:log-group:/aws/lambda/${local.name_prefix}-*"
    },
    {
      # logs:DescribeLogGroups is authorised on all groups of the region.
      Sid      = "FindLogs"
      Effect   = "Allow"
      Action   = "logs:DescribeLogGroups"
      Resource = "arn:aws:logs:${var.region}:${var.account_id}:log-group:*"
    },
    {
      Sid    = "ManageRules"
      Effect = "Allow"
      Action = [
        "events:DeleteRule", "events:DescribeRule", "events:ListTagsForResource", "events:ListTargetsByRule",
        "events:PutRule", "events:PutTargets", "events:RemoveTargets", "events:TagResource",
      ]
      Resource = ["arn:aws:events:${var.region}:${var.account_id}:rule/${local.name_prefix}-*", "arn:aws:events:${var.region}:${var.account_id}:rule/*/${local.name_prefix}-*"]
    },
    {
      Sid      = "ManageQueues"
      Effect   = "Allow"
      Action   = ["sqs:CreateQueue", "sqs:DeleteQueue", "sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ListQueueTags", "sqs:SetQueueAttributes", "sqs:TagQueue"]
      Resource = "arn:aws:sqs:${var.region}:${var.account_id}:${local.name_prefix}-*"
    },
    {
      Sid      = "ManageAlarms"
      Effect   = "Allow"
      Action   = ["cloudwatch:DeleteAlarms", "cloudwatch:DescribeAlarms", "cloudwatch:ListTagsForResource", "cloudwatch:PutMetricAlarm", "cloudwatch:TagResource"]
      Resource = "arn:aws:cloudwatch:${var.region}:${var.account_id}:alarm:${local.name_prefix}-*"
    },
    {
      Sid    = "ManageAlertsTopic"
      Effect = "Allow"
      Action = [
        "sns:CreateTopic", "sns:DeleteTopic", "sns:GetSubscriptionAttributes", "sns:GetTopicAttributes",
        "sns:ListTagsForResource", "sns:SetTopicAttributes", "sns:Subscribe", "sns:TagResource", "sns:Unsubscribe",
      ]
      Resource = "arn:aws:sns:${var.region}:${var.account_id}:${var.alerts_topic_name}"
    },
    {
      Sid       = "HandRolesToLambda"
      Effect    = "Allow"
      Action    = "iam:PassRole"
      Resource  = "${local.role_prefix}/${var.roles.lambda}-*"
      Condition = { StringEquals = { "iam:PassedToService" = "lambda.amazonaws.com" } }
    },
    {
      Sid       = "HandRoleToEventBridge"
      Effect    = "Allow"
      Action    = "iam:PassRole"
      Resource  = "${local.role_prefix}/${var.roles.events}"
      Condition = { StringEquals = { "iam:PassedToService" = "events.amazonaws.com" } }
    },
  ]
}
