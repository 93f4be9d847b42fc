import {
  to = module.state_backend.aws_s3_bucket.this
  id = var.buckets.state
}

module "log_bucket" {
  source = "../../modules/log-bucket"

  bucket_name    = var.buckets.logs
  account_id     = var.account_id
  source_buckets = [var.buckets.state]
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
}
