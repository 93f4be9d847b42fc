# Drift, and nothing else, starts training. The function in between makes sure that one drift
# starts one training run.
module "drift" {
  source = "../function-trigger"
  count  = length(local.retrained) > 0 ? 1 : 0

  name              = local.rule_names.drift
  description       = "Starts training for a use case whose batch has drifted"
  account_id        = var.account_id
  region            = var.region
  event_bus_name    = var.event_bus_name
  target_id         = "start-retrain"
  statement_id      = "drift-rule"
  function          = module.start_retrain[0]
  delivery          = { maximum_age_seconds = 3600, maximum_retries = 10 }
  invocation        = { maximum_age_seconds = 3600 }
  queue_name        = local.retrain_queue_name
  alarm_description = format(local.undelivered_text, local.retrain_queue_name)
  alerts_topic_arn  = var.alerts_topic_arn

  event_pattern = jsonencode({
    source      = [local.drift_source]
    detail-type = [local.drift_detail_type]
    account     = [var.account_id]
    detail      = { use_case = keys(local.retrained) }
  })
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
  retrain_queue_name = "${var.name_prefix}-start-retrain-dlq"

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
      resources = ["arn:aws:sqs:${var.region}:${var.account_id}:${local.retrain_queue_name}"]
    },
  ]
}
