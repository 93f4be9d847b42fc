mock_provider "aws" {}

variables {
  topic_name = "acme-ml-alerts"
  key_alias  = "acme-ml-prod-alerts"
  account_id = "444444444444"
  region     = "eu-west-1"
  emails     = ["ml-platform@example.com"]
}

run "eventbridge_and_alarms_may_publish" {
  command = plan

  assert {
    condition = jsondecode(jsonencode({ Statement = local.topic_statements })).Statement == [
      {
        Sid       = "EventBridgeRules"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = "sns:Publish"
        Resource  = "arn:aws:sns:eu-west-1:444444444444:acme-ml-alerts"
      },
      {
        Sid       = "CloudWatchAlarms"
        Effect    = "Allow"
        Principal = { Service = "cloudwatch.amazonaws.com" }
        Action    = "sns:Publish"
        Resource  = "arn:aws:sns:eu-west-1:444444444444:acme-ml-alerts"
        Condition = {
          ArnLike      = { "aws:SourceArn" = "arn:aws:cloudwatch:eu-west-1:444444444444:alarm:*" }
          StringEquals = { "aws:SourceAccount" = "444444444444" }
        }
      },
    ]
    error_message = "The policy must hold these statements and no others."
  }

  assert {
    condition = jsondecode(aws_kms_key.this.policy).Statement == [
      {
        Sid       = "AccountPoliciesDecide"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::444444444444:root" }
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
        Condition = { StringEquals = { "aws:SourceAccount" = "444444444444" } }
      },
    ]
    error_message = "The policy must hold these statements and no others."
  }

  assert {
    condition     = alltrue([for statement in local.topic_statements : contains(["events.amazonaws.com", "cloudwatch.amazonaws.com"], statement.Principal.Service) && statement.Action == "sns:Publish"])
    error_message = "Nobody else may publish, and nobody may subscribe or manage through the topic's policy."
  }

  assert {
    condition     = aws_kms_key.this.enable_key_rotation
    error_message = "The key must rotate."
  }

  assert {
    condition     = [for subscription in aws_sns_topic_subscription.email : [subscription.protocol, subscription.endpoint]] == [["email", "ml-platform@example.com"]]
    error_message = "Every address must be subscribed."
  }
}

run "nobody_is_subscribed_without_addresses" {
  command = plan

  variables {
    emails = []
  }

  assert {
    condition     = length(aws_sns_topic_subscription.email) == 0
    error_message = "There must be no subscription."
  }
}
