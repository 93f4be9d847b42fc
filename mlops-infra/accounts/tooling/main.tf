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

  build_alert_emails = var.build_alert_emails
}
