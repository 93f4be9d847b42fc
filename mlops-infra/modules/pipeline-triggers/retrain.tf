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

  environment = {
    ENVIRONMENT         = var.environment
    RETRAIN             = jsonencode(local.retrain_settings)
    LEDGER_FUNCTION_ARN = local.ledger_arn
  }
}

locals {
  ledger_arn         = "arn:aws:lambda:${var.region}:${var.registry_account_id}:function:${var.ledger_function_name}"
  registry           = "arn:aws:sagemaker:${var.region}:${var.registry_account_id}"
  retrain_queue_name = "${var.name_prefix}-start-retrain-dlq"

  retrain_settings = {
    for name, use_case in local.retrained : name => {
      pipeline_name    = use_case.pipelines[use_case.retrain.pipeline]
      cooldown_seconds = use_case.retrain.cooldown_minutes * 60
      # What promotion/handlers/drift.py calls a target.
      model_package_group_arn = "${local.registry}:model-package-group/${use_case.model_package_group}"
      drifted_batches         = use_case.retrain.drifted_batches
      of_batches              = use_case.retrain.of_batches
      watched_pipelines       = [for key, pipeline in use_case.pipelines : pipeline if key != use_case.retrain.pipeline]
      drift_step              = var.drift_step_name
    }
  }

  # A policy of several batches looks at the runs that checked them.
  watched_arns = flatten([
    for name, use_case in local.retrained : [
      for key, arn in local.pipeline_arns[name] : arn if key != use_case.retrain.pipeline
    ] if use_case.retrain.of_batches > 1
  ])

  watch_statements = length(local.watched_arns) == 0 ? [] : [
    {
      sid       = "SeeEarlierBatches"
      actions   = ["sagemaker:ListPipelineExecutionSteps", "sagemaker:ListPipelineExecutions"]
      resources = concat(local.watched_arns, [for arn in local.watched_arns : "${arn}/execution/*"])
    },
  ]

  start_retrain_statements = concat(local.watch_statements, [
    {
      sid       = "StartTraining"
      actions   = ["sagemaker:ListPipelineExecutions", "sagemaker:StartPipelineExecution"]
      resources = [for name, use_case in local.retrained : local.pipeline_arns[name][use_case.retrain.pipeline]]
    },
    {
      sid       = "FindCandidates"
      actions   = ["sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages"]
      resources = concat([for use_case in local.retrained : "${local.registry}:model-package-group/${use_case.model_package_group}"], [for use_case in local.retrained : "${local.registry}:model-package/${use_case.model_package_group}/*"])
    },
    {
      sid       = "HandInRecords"
      actions   = ["lambda:InvokeFunction"]
      resources = [local.ledger_arn]
    },
    {
      # Lambda itself sends there, with the function's role: the destination on failure.
      sid       = "KeepFailedEvents"
      actions   = ["sqs:SendMessage"]
      resources = ["arn:aws:sqs:${var.region}:${var.account_id}:${local.retrain_queue_name}"]
    },
  ])
}
