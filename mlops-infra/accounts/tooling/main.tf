import {
  to = module.state_backend.aws_s3_bucket.this
  id = var.buckets.state
}

module "state_backend" {
  source = "../../modules/state-backend"

  bucket_name = var.buckets.state
}

module "jenkins_access" {
  source = "../../modules/jenkins-access"

  kind                 = var.kind
  project              = var.project
  environment          = var.environment
  account_id           = var.account_id
  tooling_account_id   = var.account_id
  deployed_account_ids = values(var.linked_accounts)
  region               = var.region
  roles                = var.roles
  owned_buckets        = var.buckets
}
