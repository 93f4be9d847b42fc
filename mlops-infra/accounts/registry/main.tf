import {
  to = module.access.module.state_backend.aws_s3_bucket.this
  id = var.buckets.state
}

module "access" {
  source = "../../modules/account-access"

  kind            = var.kind
  project         = var.project
  environment     = var.environment
  account_id      = var.account_id
  region          = var.region
  linked_accounts = var.linked_accounts
  external_id     = var.external_id
  roles           = var.roles
  buckets         = var.buckets
  use_cases       = var.use_cases
  alerts_topic    = var.alerts.topic
  ledger_table    = var.ledger.table
  approvers       = var.approvers
  auditors        = var.auditors
  break_glass     = var.break_glass
}

module "registry" {
  source = "../../modules/registry-account"

  # Every role in it carries the boundary.
  depends_on = [module.access]

  project         = var.project
  environment     = var.environment
  account_id      = var.account_id
  region          = var.region
  linked_accounts = var.linked_accounts
  buckets         = var.buckets
  log_bucket      = module.access.log_bucket
  roles           = var.roles
  alerts          = var.alerts
  use_cases       = var.use_cases
  ledger          = var.ledger
  lambda_package  = var.lambda_package
}
