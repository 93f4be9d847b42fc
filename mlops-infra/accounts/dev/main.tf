import {
  to = module.state_backend.aws_s3_bucket.this
  id = var.buckets.state
}

module "state_backend" {
  source = "../../modules/state-backend"

  bucket_name = var.buckets.state
}

module "workload" {
  source = "../../modules/workload-account"

  project         = var.project
  environment     = var.environment
  account_id      = var.account_id
  region          = var.region
  linked_accounts = var.linked_accounts
  buckets         = var.buckets
  roles           = var.roles
  event_bus       = var.event_bus
  alerts          = var.alerts
  images          = var.images
  use_cases       = var.use_cases
  lambda_package  = var.lambda_package
}
