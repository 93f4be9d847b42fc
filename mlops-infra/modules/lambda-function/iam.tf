locals {
  # Lambda writes the log with the function's role; the handlers themselves write none.
  log_statement = {
    Sid      = "WriteOwnLog"
    Effect   = "Allow"
    Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    Resource = "arn:aws:logs:${var.region}:${var.account_id}:log-group:/aws/lambda/${var.name}:*"
  }

  # Action and Resource stay lists and Condition is left out where there is none, as IAM stores them.
  statements = [
    for statement in var.statements : merge(
      { Sid = statement.sid, Effect = "Allow", Action = statement.actions, Resource = statement.resources },
      length(statement.conditions) == 0 ? {} : { Condition = statement.conditions },
    )
  ]
}

resource "aws_iam_role" "this" {
  name                 = var.role_name
  description          = "Runs the Lambda function ${var.name}"
  permissions_boundary = var.permissions_boundary_arn
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Lambda"
        Effect    = "Allow"
        Principal = { Service = "lambda.amazonaws.com" }
        Action    = "sts:AssumeRole"
        # The account, not the ARN of the function: Lambda checks that it can assume the role before
        # the function exists.
        Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
      },
    ]
  })
}

resource "aws_iam_role_policy" "this" {
  name   = "run-${var.name}"
  role   = aws_iam_role.this.name
  policy = jsonencode({ Version = "2012-10-17", Statement = concat([local.log_statement], local.statements) })
}
