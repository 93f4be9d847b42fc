locals {
  functions = {
    resolve-model = {
      description = "Finds the newest approved model version in the registry account"
      environment = {}
      statements  = local.resolve_model_statements
    }
    resolve-batch = {
      description = "Finds the batch that an inference run is to score"
      environment = {}
      statements  = local.resolve_batch_statements
    }
    emit-drift = {
      description = "Announces that a batch has drifted from the model's baseline"
      environment = { EVENT_BUS_NAME = var.event_bus_name }
      statements  = local.emit_drift_statements
    }
  }
}

module "function" {
  source   = "../lambda-function"
  for_each = local.functions

  name                     = "${var.name_prefix}-${each.key}"
  description              = each.value.description
  role_name                = "${var.lambda_role_name}-${each.key}"
  permissions_boundary_arn = var.permissions_boundary_arn
  handler                  = "promotion.handlers.${replace(each.key, "-", "_")}.handler"
  package                  = var.lambda_package
  account_id               = var.account_id
  region                   = var.region
  statements               = each.value.statements
  environment              = each.value.environment
  log_retention_days       = var.log_retention_days
}
