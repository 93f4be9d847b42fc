# Everything that the registry account holds besides its Terraform state and who may enter it.
locals {
  name_prefix          = "${var.project}-${var.environment}"
  model_package_groups = { for name, use_case in var.use_cases : name => use_case.model_package_group }

  # Made by `jenkins-access`; its name is agreed, so that neither module waits for the other's output.
  permissions_boundary_arn = "arn:aws:iam::${var.account_id}:policy/${local.name_prefix}-boundary"

  # Made by `release-signing` in the tooling account.
  build_role_arn = "arn:aws:iam::${var.linked_accounts["tooling"]}:role/${var.roles.build}"

  # Every linked account besides tooling runs workloads.
  workload_accounts = { for name, account_id in var.linked_accounts : name => account_id if name != "tooling" }
}

module "encryption_key" {
  source = "../encryption-key"

  alias       = local.name_prefix
  description = "Encrypts model artifacts that were written without a key of their own"
  account_id  = var.account_id
  region      = var.region

  users = merge(
    {
      # Publishes releases.
      tooling = {
        account_id = var.linked_accounts["tooling"]
        roles      = [var.roles.build]
        access     = "read-write"
      }
    },
    {
      for name, account_id in local.workload_accounts : name => {
        account_id = account_id
        # The deploy role for the probes of `promote doctor`; the bucket lets it at nothing else.
        roles  = concat([for use_case in keys(var.use_cases) : "${var.roles.execution}-${use_case}"], [var.roles.deploy])
        access = "read-write"
      }
    },
    {
      for name, account_id in local.workload_accounts : "${name}-functions" => {
        account_id = account_id
        roles      = ["${var.roles.lambda}-record-execution"]
        access     = "read"
      }
    },
  )
}

module "artifact_store" {
  source = "../artifact-store"

  bucket_name         = var.buckets.artifacts
  kms_key_arn         = module.encryption_key.key_arn
  log_bucket          = var.log_bucket
  workload_accounts   = local.workload_accounts
  use_cases           = keys(var.use_cases)
  execution_role_name = var.roles.execution
  lambda_role_name    = var.roles.lambda
  deploy_role_name    = var.roles.deploy
  build_role_arn      = local.build_role_arn

  # The newest approved version serves everywhere, wherever it was trained.
  serves_models_of = { for name in keys(local.workload_accounts) : name => setsubtract(keys(local.workload_accounts), [name]) }
}

module "notifications" {
  source = "../notifications"

  topic_name = var.alerts.topic
  key_alias  = "${local.name_prefix}-alerts"
  account_id = var.account_id
  region     = var.region
  emails     = var.alerts.emails
}

module "model_registry" {
  source = "../model-registry"

  account_id           = var.account_id
  region               = var.region
  model_package_groups = local.model_package_groups
  workload_accounts    = local.workload_accounts
  execution_role_name  = var.roles.execution
  lambda_role_name     = var.roles.lambda
  deploy_role_name     = var.roles.deploy
  plan_role_name       = var.roles.plan
  approver_role_name   = var.roles.approver
}

module "audit_ledger" {
  source = "../audit-ledger"

  name_prefix              = local.name_prefix
  environment              = var.environment
  account_id               = var.account_id
  region                   = var.region
  table_name               = var.ledger.table
  deletion_protection      = var.ledger.deletion_protection
  kms_key_arn              = module.encryption_key.key_arn
  lambda_role_name         = var.roles.lambda
  permissions_boundary_arn = local.permissions_boundary_arn
  lambda_package           = var.lambda_package
  break_glass_role_name    = var.roles.break_glass
  model_package_groups     = local.model_package_groups
  writer_accounts          = merge(var.linked_accounts, { (var.environment) = var.account_id })
  alerts_topic_arn         = module.notifications.topic_arn
}

module "approval_events" {
  source = "../approval-events"

  name_prefix              = local.name_prefix
  account_id               = var.account_id
  region                   = var.region
  model_package_groups     = values(local.model_package_groups)
  workload_accounts        = local.workload_accounts
  events_role_name         = var.roles.events
  permissions_boundary_arn = local.permissions_boundary_arn
  alerts_topic_arn         = module.notifications.topic_arn
}

module "approval_review" {
  source = "../approval-review"

  name_prefix              = local.name_prefix
  account_id               = var.account_id
  region                   = var.region
  lambda_role_name         = var.roles.lambda
  permissions_boundary_arn = local.permissions_boundary_arn
  lambda_package           = var.lambda_package
  kms_key_arn              = module.encryption_key.key_arn
  alerts_topic_arn         = module.notifications.topic_arn
  alerts_key_arn           = module.notifications.key_arn
  ledger_table             = var.ledger.table
  artifact_bucket          = var.buckets.artifacts
  environments             = keys(var.linked_accounts)
  use_cases                = var.use_cases
}
