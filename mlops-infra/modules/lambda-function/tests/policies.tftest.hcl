mock_provider "aws" {}

variables {
  name                     = "acme-ml-prod-emit-drift"
  description              = "Announces drift"
  role_name                = "lambda-sagemaker-role-emit-drift"
  permissions_boundary_arn = "arn:aws:iam::444444444444:policy/acme-ml-prod-boundary"
  handler                  = "promotion.handlers.emit_drift.handler"
  package                  = "../lambda-function/tests/empty.zip"
  account_id               = "444444444444"
  region                   = "eu-west-1"
  timeout_seconds          = 900
  log_retention_days       = 365
}

run "role_writes_its_own_log_and_nothing_else" {
  command = plan

  assert {
    condition = jsondecode(aws_iam_role.this.assume_role_policy).Statement == [
      {
        Sid       = "Lambda"
        Effect    = "Allow"
        Principal = { Service = "lambda.amazonaws.com" }
        Action    = "sts:AssumeRole"
        Condition = { StringEquals = { "aws:SourceAccount" = "444444444444" } }
      },
    ]
    error_message = "The policy must hold these statements and no others."
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.this.policy).Statement == [
      {
        Sid      = "WriteOwnLog"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "arn:aws:logs:eu-west-1:444444444444:log-group:/aws/lambda/acme-ml-prod-emit-drift:*"
      },
    ]
    error_message = "The policy must hold these statements and no others."
  }

  assert {
    condition     = aws_iam_role.this.permissions_boundary == var.permissions_boundary_arn
    error_message = "The role must carry the account's boundary."
  }

  assert {
    condition     = aws_cloudwatch_log_group.this.retention_in_days == 365
    error_message = "The log must be kept for the given time."
  }

  assert {
    condition     = length(aws_lambda_function.this.environment) == 0
    error_message = "A function without variables needs no environment."
  }
}

run "statements_are_taken_over_as_they_are" {
  command = plan

  variables {
    environment = { EVENT_BUS_NAME = "default" }
    statements = [
      {
        sid        = "Announce"
        actions    = ["events:PutEvents"]
        resources  = ["arn:aws:events:eu-west-1:444444444444:event-bus/default"]
        conditions = { StringEquals = { "events:source" = ["promotion.data-quality"] } }
      },
      { sid = "Keep", actions = ["sqs:SendMessage"], resources = ["arn:aws:sqs:eu-west-1:444444444444:kept"] },
    ]
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.this.policy).Statement == [
      {
        Sid      = "WriteOwnLog"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "arn:aws:logs:eu-west-1:444444444444:log-group:/aws/lambda/acme-ml-prod-emit-drift:*"
      },
      {
        Sid       = "Announce"
        Effect    = "Allow"
        Action    = ["events:PutEvents"]
        Resource  = ["arn:aws:events:eu-west-1:444444444444:event-bus/default"]
        Condition = { StringEquals = { "events:source" = ["promotion.data-quality"] } }
      },
      {
        Sid      = "Keep"
        Effect   = "Allow"
        Action   = ["sqs:SendMessage"]
        Resource = ["arn:aws:sqs:eu-west-1:444444444444:kept"]
      },
    ]
    error_message = "The policy must hold these statements and no others."
  }

  assert {
    condition     = aws_lambda_function.this.environment[0].variables == tomap({ EVENT_BUS_NAME = "default" })
    error_message = "The variables must be handed over."
  }
}
