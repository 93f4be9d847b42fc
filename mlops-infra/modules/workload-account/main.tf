# Everything that a workload account (dev, prod, staging, ...) holds besides its Terraform state.
# Accounts differ by their environment file only.
locals {
  name_prefix         = "${var.project}-${var.environment}"
  registry_account_id = var.linked_accounts["registry"]
  # Made by `jenkins-access`; its name is agreed, so that neither module waits for the other's output.
  permissions_boundary_arn = "arn:aws:iam::${var.account_id}:policy/${local.name_prefix}-boundary"
  model_package_groups     = { for name, use_case in var.use_cases : name => use_case.model_package_group }
  # `registry` is the name of the registry's environment, there and in linked_accounts.
  ledger_function_name = "${var.project}-registry-ledger-${var.environment}"
  pipeline_names       = flatten([for use_case in var.use_cases : values(use_case.pipelines)])
}

module "encryption_key" {
  source = "../encryption-key"

  alias       = local.name_prefix
  description = "Encrypts the data of ${local.name_prefix}"
  account_id  = var.account_id
  region      = var.region
}

module "data_store" {
  source = "../data-store"

  bucket_name = var.buckets.data
  kms_key_arn = module.encryption_key.key_arn
  log_bucket  = var.log_bucket
  use_cases   = keys(var.use_cases)
}

module "execution_roles" {
  source = "../execution-roles"

  environment              = var.environment
  account_id               = var.account_id
  region                   = var.region
  registry_account_id      = local.registry_account_id
  role_name                = var.roles.execution
  permissions_boundary_arn = local.permissions_boundary_arn
  model_package_groups     = local.model_package_groups
  data_bucket              = var.buckets.data
  artifact_bucket          = var.buckets.artifacts
  kms_key_arn              = module.encryption_key.key_arn
  foreign_key_accounts     = [local.registry_account_id]
  function_arns            = values(module.pipeline_functions.function_arns)
  images                   = values(var.images)
}

module "pipeline_functions" {
  source = "../pipeline-functions"

  name_prefix              = local.name_prefix
  account_id               = var.account_id
  region                   = var.region
  registry_account_id      = local.registry_account_id
  lambda_role_name         = var.roles.lambda
  permissions_boundary_arn = local.permissions_boundary_arn
  lambda_package           = var.lambda_package
  model_package_groups     = local.model_package_groups
  data_bucket              = var.buckets.data
  artifact_bucket          = var.buckets.artifacts
  event_bus_name           = var.event_bus
}

module "notifications" {
  source = "../notifications"

  topic_name = var.alerts.topic
  key_alias  = "${local.name_prefix}-alerts"
  account_id = var.account_id
  region     = var.region
  emails     = var.alerts.emails
}

module "pipeline_triggers" {
  source = "../pipeline-triggers"

  name_prefix              = local.name_prefix
  environment              = var.environment
  account_id               = var.account_id
  region                   = var.region
  registry_account_id      = local.registry_account_id
  event_bus_name           = var.event_bus
  lambda_role_name         = var.roles.lambda
  events_role_name         = var.roles.events
  permissions_boundary_arn = local.permissions_boundary_arn
  lambda_package           = var.lambda_package
  alerts_topic_arn         = module.notifications.topic_arn
  alerts_key_arn           = module.notifications.key_arn
  data_bucket              = var.buckets.data
  kms_key_arn              = module.encryption_key.key_arn
  ledger_function_name     = local.ledger_function_name
  use_cases                = var.use_cases
}

module "execution_recorder" {
  source = "../execution-recorder"

  name_prefix              = local.name_prefix
  environment              = var.environment
  account_id               = var.account_id
  region                   = var.region
  registry_account_id      = local.registry_account_id
  ledger_function_name     = local.ledger_function_name
  lambda_role_name         = var.roles.lambda
  permissions_boundary_arn = local.permissions_boundary_arn
  lambda_package           = var.lambda_package
  data_bucket              = var.buckets.data
  artifact_bucket          = var.buckets.artifacts
  kms_key_arn              = module.encryption_key.key_arn
  alerts_topic_arn         = module.notifications.topic_arn
  pipelines                = { for name, use_case in var.use_cases : name => use_case.pipelines }
}

module "observability" {
  source = "../observability"

  name_prefix         = local.name_prefix
  region              = var.region
  alerts_topic_arn    = module.notifications.topic_arn
  pipeline_names      = local.pipeline_names
  function_names      = concat(values(module.pipeline_functions.function_names), compact([module.pipeline_triggers.start_retrain_function_name]), [module.pipeline_triggers.notify_function_name, "${local.name_prefix}-record-execution"])
  step_function_names = values(module.pipeline_functions.function_names)
  queue_names         = concat(values(module.pipeline_triggers.dead_letter_queue_names), ["${local.name_prefix}-record-execution-dlq"])
  drift_rule          = module.pipeline_triggers.drift_rule
  approval_rule       = module.pipeline_triggers.approval_rule
}

module "studio" {
  source = "../studio"
  count  = var.studio == null ? 0 : 1

  name                     = local.name_prefix
  account_id               = var.account_id
  region                   = var.region
  vpc_id                   = var.studio.vpc_id
  subnet_ids               = var.studio.subnet_ids
  role_name                = "${var.roles.execution}-studio"
  permissions_boundary_arn = local.permissions_boundary_arn
  kms_key_arn              = module.encryption_key.key_arn
  data_bucket              = var.buckets.data
  use_cases                = keys(var.use_cases)
  pipeline_names           = local.pipeline_names
}
