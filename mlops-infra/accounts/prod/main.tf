import {
  to = module.state_backend.aws_s3_bucket.this
  id = var.buckets.state
}

module "log_bucket" {
  source = "../../modules/log-bucket"

  bucket_name    = var.buckets.logs
  account_id     = var.account_id
  source_buckets = [var.buckets.state, var.buckets.data]
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
  event_bus       = var.event_bus
  alerts_topic    = var.alerts.topic
  studio          = var.studio != null
}

module "workload" {
  source = "../../modules/workload-account"

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
  event_bus       = var.event_bus
  alerts          = var.alerts
  images          = var.images
  use_cases       = var.use_cases
  studio          = var.studio
  lambda_package  = var.lambda_package
}
