# What an administrator applies with `promote bootstrap`, and the deploy role may only read.
locals {
  logged_buckets = {
    tooling  = [var.buckets.state]
    registry = [var.buckets.state, var.buckets.artifacts]
    workload = [var.buckets.state, var.buckets.data]
  }
}

module "log_bucket" {
  source = "../log-bucket"

  bucket_name    = var.buckets.logs
  account_id     = var.account_id
  source_buckets = local.logged_buckets[var.kind]
}

module "state_backend" {
  source = "../state-backend"

  bucket_name = var.buckets.state
  log_bucket  = module.log_bucket.bucket_name
}

module "jenkins_access" {
  source = "../jenkins-access"

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
  event_bus       = var.event_bus
  alerts_topic    = var.alerts_topic
  ledger_table    = var.ledger_table
  studio          = var.studio

  build_alert_emails = var.build_alert_emails
}

module "release_signing" {
  source = "../release-signing"
  count  = var.kind == "tooling" ? 1 : 0

  project             = var.project
  account_id          = var.account_id
  registry_account_id = var.linked_accounts["registry"]
  region              = var.region
  external_id         = var.external_id
  jenkins_role_name   = var.roles.jenkins
  build_role_name     = var.roles.build
  artifact_bucket     = var.buckets.artifacts
}

module "people_access" {
  source = "../people-access"
  count  = var.kind == "registry" ? 1 : 0

  account_id           = var.account_id
  region               = var.region
  roles                = var.roles
  approvers            = var.approvers
  auditors             = var.auditors
  break_glass          = var.break_glass
  model_package_groups = [for use_case in var.use_cases : use_case.model_package_group]
  ledger_table         = var.ledger_table
  artifact_bucket      = var.buckets.artifacts
  use_cases            = keys(var.use_cases)
}
