locals {
  topic_arn  = "arn:aws:sns:${var.region}:${var.account_id}:${var.topic_name}"
  in_account = { StringEquals = { "aws:SourceAccount" = var.account_id } }

  # EventBridge sends no aws:SourceAccount or aws:SourceArn when it publishes to a topic, neither
  # to SNS nor to KMS: with a condition on them the alerts would be dropped without a trace.
  # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
  # https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
  topic_statements = [
    {
      Sid       = "EventBridgeRules"
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = "sns:Publish"
      Resource  = local.topic_arn
    },
    {
      # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
      Sid       = "CloudWatchAlarms"
      Effect    = "Allow"
      Principal = { Service = "cloudwatch.amazonaws.com" }
      Action    = "sns:Publish"
      Resource  = local.topic_arn
      Condition = merge(local.in_account, { ArnLike = { "aws:SourceArn" = "arn:aws:cloudwatch:${var.region}:${var.account_id}:alarm:*" } })
    },
  ]

  # Resource "*" in a key policy means this key only.
  key_statements = [
    {
      # Without it no IAM policy of the account could manage the key.
      Sid       = "AccountPoliciesDecide"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::${var.account_id}:root" }
      Action    = "kms:*"
      Resource  = "*"
    },
    {
      Sid       = "EventBridgeRules"
      Effect    = "Allow"
      Principal = { Service = "events.amazonaws.com" }
      Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource  = "*"
    },
    {
      Sid       = "CloudWatchAlarms"
      Effect    = "Allow"
      Principal = { Service = "cloudwatch.amazonaws.com" }
      Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource  = "*"
      Condition = local.in_account
    },
  ]
}
