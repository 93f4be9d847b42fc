# Drift, and nothing else, starts training. The function in between makes sure that one drift
# starts one training run.
resource "aws_cloudwatch_event_rule" "drift" {
  count = length(local.retrained) > 0 ? 1 : 0

  name           = local.rule_names.drift
  description    = "Starts training for a use case whose batch has drifted"
  event_bus_name = var.event_bus_name
  event_pattern = jsonencode({
    source      = [local.drift_source]
    detail-type = [local.drift_detail_type]
    account     = [var.account_id]
    detail      = { use_case = keys(local.retrained) }
  })
}

resource "aws_cloudwatch_event_target" "drift" {
  count = length(local.retrained) > 0 ? 1 : 0

  rule           = aws_cloudwatch_event_rule.drift[0].name
  event_bus_name = var.event_bus_name
  target_id      = "start-retrain"
  arn            = module.start_retrain[0].arn

  retry_policy {
    maximum_event_age_in_seconds = 3600
    maximum_retry_attempts       = 10
  }

  dead_letter_config {
    arn = aws_sqs_queue.dead_letters["start-retrain"].arn
  }
}

resource "aws_lambda_permission" "drift" {
  count = length(local.retrained) > 0 ? 1 : 0

  statement_id   = "drift-rule"
  action         = "lambda:InvokeFunction"
  function_name  = module.start_retrain[0].name
  principal      = "events.amazonaws.com"
  source_arn     = aws_cloudwatch_event_rule.drift[0].arn
  source_account = var.account_id
}

module "start_retrain" {
  source = "../lambda-function"
  count  = length(local.retrained) > 0 ? 1 : 0

  name                     = "${var.name_prefix}-start-retrain"
  description              = "Starts one train execution per drift"
  role_name                = "${var.lambda_role_name}-start-retrain"
  permissions_boundary_arn = var.permissions_boundary_arn
  handler                  = "promotion.handlers.start_retrain.handler"
  package                  = var.lambda_package
  account_id               = var.account_id
  region                   = var.region
  log_retention_days       = var.log_retention_days
  statements               = local.start_retrain_statements

  environment = { RETRAIN = jsonencode(local.retrain_settings) }
}

locals {
  retrain_settings = {
    for name, use_case in local.retrained : name => {
      pipeline_name    = use_case.pipelines[use_case.retrain.pipeline]
      cooldown_seconds = use_case.retrain.cooldown_minutes * 60
    }
  }

  start_retrain_statements = [
    {
      sid       = "StartTraining"
      actions   = ["sagemaker:ListPipelineExecutions", "sagemaker:StartPipelineExecution"]
      resources = [for name, use_case in local.retrained : local.pipeline_arns[name][use_case.retrain.pipeline]]
    },
    {
      # Lambda itself sends there, with the function's role: the destination on failure.
      sid       = "KeepFailedEvents"
      actions   = ["sqs:SendMessage"]
      resources = [for key, arn in local.queue_arns : arn if key == "start-retrain"]
    },
  ]
}

# EventBridge's own dead-letter queue holds events that never reached the function. What the
# function was handed and could not do ends up in the same queue.
resource "aws_lambda_function_event_invoke_config" "start_retrain" {
  count = length(local.retrained) > 0 ? 1 : 0

  function_name                = module.start_retrain[0].name
  maximum_event_age_in_seconds = 3600
  maximum_retry_attempts       = 2

  destination_config {
    on_failure {
      destination = aws_sqs_queue.dead_letters["start-retrain"].arn
    }
  }
}
