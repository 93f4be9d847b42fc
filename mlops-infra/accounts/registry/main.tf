import {
  to = module.state_backend.aws_s3_bucket.this
  id = var.buckets.state
}

module "log_bucket" {
  source = "../../modules/log-bucket"

  bucket_name    = var.buckets.logs
  account_id     = var.account_id
  source_buckets = [var.buckets.state, var.buckets.artifacts]
}

module "state_backend" {
  source = "../../modules/state-backend"

  bucket_name = var.buckets.state
  log_bucket  = module.log_bucket.bucket_name
}

module "jenkins_access" {
  source = "../../modules/jenkins-access"

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
}

module "people_access" {
  source = "../../modules/people-access"

  account_id           = var.account_id
  region               = var.region
  roles                = var.roles
  approvers            = var.approvers
  auditors             = var.auditors
  break_glass          = var.break_glass
  model_package_groups = [for use_case in var.use_cases : use_case.model_package_group]
  ledger_table         = var.ledger.table
}

module "registry" {
  source = "../../modules/registry-account"

  # Every role in it carries the boundary.
  depends_on = [module.jenkins_access]

  project         = var.project
  environment     = var.environment
  account_id      = var.account_id
  region          = var.region
  linked_accounts = var.linked_accounts
  buckets         = var.buckets
  log_bucket      = module.log_bucket.bucket_name
  roles           = var.roles
  alerts          = var.alerts
  use_cases       = var.use_cases
  ledger          = var.ledger
  lambda_package  = var.lambda_package
}
