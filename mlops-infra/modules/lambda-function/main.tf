resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_158:CloudWatch Logs encrypts by itself, and the handlers log names and ARNs, never data.
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.log_retention_days
}

resource "aws_lambda_function" "this" {
  #checkov:skip=CKV_AWS_50:A handler makes a few calls to AWS and logs each; X-Ray's actions would need every resource.
  #checkov:skip=CKV_AWS_115:A reserve would take its share from the account's other functions, at all times.
  #checkov:skip=CKV_AWS_116:Pipelines call and see a failure themselves; who is called by events gets its queue from the module that adds the rule.
  #checkov:skip=CKV_AWS_117:It talks to AWS only; a VPC would add an endpoint for each service and keep nothing out.
  #checkov:skip=CKV_AWS_173:The variables are names, ARNs and numbers; Lambda encrypts them with a key of its own.
  #checkov:skip=CKV_AWS_272:The package is the one that was planned: its SHA-256 stands in the plan, and only the deploy role changes code.
  function_name    = var.name
  description      = var.description
  role             = aws_iam_role.this.arn
  runtime          = "python3.12"
  handler          = var.handler
  filename         = var.package
  source_code_hash = filebase64sha256(var.package)
  timeout          = var.timeout_seconds
  memory_size      = 256

  dynamic "environment" {
    for_each = length(var.environment) == 0 ? [] : [var.environment]

    content {
      variables = environment.value
    }
  }

  # Lambda would make a log group that keeps its events for ever, and a run before the policy is
  # there would fail.
  depends_on = [aws_cloudwatch_log_group.this, aws_iam_role_policy.this]
}
