# Everything that a workload account (dev, prod, staging, ...) holds besides its Terraform state.
# Accounts differ by their environment file only.
locals {
  name_prefix          = "${var.project}-${var.environment}"
  registry_account_id  = var.linked_accounts["registry"]
  model_package_groups = { for name, use_case in var.use_cases : name => use_case.model_package_group }

  # Every linked account besides tooling and registry runs workloads too: it may serve a model that
  # was trained here, and its models may be served here.
  other_workloads = { for name, account_id in var.linked_accounts : name => account_id if !contains(["tooling", "registry"], name) }
}

module "encryption_key" {
  source = "../encryption-key"

  alias       = local.name_prefix
  description = "Encrypts the data of ${local.name_prefix}"
  account_id  = var.account_id
  region      = var.region

  users = {
    for name, account_id in local.other_workloads : name => {
      account_id = account_id
      roles      = ["${var.roles.execution}-*", "${var.roles.lambda}-resolve-model"]
      access     = "read"
    }
  }
}

module "data_store" {
  source = "../data-store"

  bucket_name = var.buckets.data
  kms_key_arn = module.encryption_key.key_arn
}

module "execution_roles" {
  source = "../execution-roles"

  environment          = var.environment
  account_id           = var.account_id
  region               = var.region
  registry_account_id  = local.registry_account_id
  role_name            = var.roles.execution
  model_package_groups = local.model_package_groups
  data_bucket          = var.buckets.data
  artifact_bucket      = var.buckets.artifacts
  kms_key_arn          = module.encryption_key.key_arn
  foreign_key_accounts = concat([local.registry_account_id], values(local.other_workloads))
  function_arns        = values(module.pipeline_functions.function_arns)
  images               = values(var.images)
}

module "pipeline_functions" {
  source = "../pipeline-functions"

  name_prefix          = local.name_prefix
  account_id           = var.account_id
  region               = var.region
  registry_account_id  = local.registry_account_id
  lambda_role_name     = var.roles.lambda
  lambda_package       = var.lambda_package
  model_package_groups = local.model_package_groups
  data_bucket          = var.buckets.data
  artifact_bucket      = var.buckets.artifacts
  kms_key_arn          = module.encryption_key.key_arn
  foreign_key_accounts = concat([local.registry_account_id], values(local.other_workloads))
  event_bus_name       = var.event_bus
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

  name_prefix      = local.name_prefix
  account_id       = var.account_id
  region           = var.region
  event_bus_name   = var.event_bus
  lambda_role_name = var.roles.lambda
  events_role_name = var.roles.events
  lambda_package   = var.lambda_package
  alerts_topic_arn = module.notifications.topic_arn
  use_cases        = var.use_cases
}

module "jenkins_access" {
  source = "../jenkins-access"

  kind                     = "workload"
  project                  = var.project
  environment              = var.environment
  account_id               = var.account_id
  tooling_account_id       = var.linked_accounts["tooling"]
  region                   = var.region
  roles                    = var.roles
  owned_buckets            = { state = var.buckets.state, data = var.buckets.data }
  model_package_group_arns = [for group in values(local.model_package_groups) : "arn:aws:sagemaker:${var.region}:${local.registry_account_id}:model-package-group/${group}"]
  pipeline_names           = flatten([for use_case in var.use_cases : values(use_case.pipelines)])
  alerts_topic_name        = var.alerts.topic
}
