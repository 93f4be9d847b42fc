locals {
  function_name = "${var.name_prefix}-record-execution"
  sagemaker     = "arn:aws:sagemaker:${var.region}:${var.account_id}"
  ledger_arn    = "arn:aws:lambda:${var.region}:${var.registry_account_id}:function:${var.ledger_function_name}"

  use_cases      = keys(var.pipelines)
  use_case_of    = merge([for use_case, names in var.pipelines : { for name in values(names) : name => use_case }]...)
  pipeline_arns  = [for name in keys(local.use_case_of) : "${local.sagemaker}:pipeline/${name}"]
  execution_arns = [for arn in local.pipeline_arns : "${arn}/execution/*"]
}

module "function" {
  source = "../lambda-function"

  name                     = local.function_name
  description              = "Hands pipeline executions that have ended to the audit ledger"
  role_name                = "${var.lambda_role_name}-record-execution"
  permissions_boundary_arn = var.permissions_boundary_arn
  handler                  = "promotion.handlers.record_execution.handler"
  package                  = var.lambda_package
  account_id               = var.account_id
  region                   = var.region
  statements               = local.function_statements
  timeout_seconds          = 300
  log_retention_days       = var.log_retention_days

  environment = {
    ENVIRONMENT         = var.environment
    DATA_BUCKET         = var.data_bucket
    USE_CASES           = jsonencode(local.use_case_of)
    LEDGER_FUNCTION_ARN = local.ledger_arn
  }
}
