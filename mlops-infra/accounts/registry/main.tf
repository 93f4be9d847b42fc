locals {
  # Every linked account besides tooling runs workloads.
  workload_accounts    = { for name, account_id in var.linked_accounts : name => account_id if name != "tooling" }
  model_package_groups = { for name, use_case in var.use_cases : name => use_case.model_package_group }
}

import {
  to = module.state_backend.aws_s3_bucket.this
  id = var.buckets.state
}

module "state_backend" {
  source = "../../modules/state-backend"

  bucket_name = var.buckets.state
}

module "encryption_key" {
  source = "../../modules/encryption-key"

  alias       = "${var.project}-${var.environment}"
  description = "Encrypts model artifacts that were written without a key of their own"
  account_id  = var.account_id
  region      = var.region

  users = {
    for name, account_id in local.workload_accounts : name => {
      account_id = account_id
      roles      = ["${var.roles.execution}-*", "${var.roles.lambda}-resolve-model"]
      access     = "read-write"
    }
  }
}

module "artifact_store" {
  source = "../../modules/artifact-store"

  bucket_name         = var.buckets.artifacts
  kms_key_arn         = module.encryption_key.key_arn
  workload_accounts   = local.workload_accounts
  execution_role_name = var.roles.execution
  lambda_role_name    = var.roles.lambda
}

module "model_registry" {
  source = "../../modules/model-registry"

  account_id           = var.account_id
  region               = var.region
  model_package_groups = local.model_package_groups
  workload_accounts    = local.workload_accounts
  execution_role_name  = var.roles.execution
  lambda_role_name     = var.roles.lambda
  approver_role_name   = var.roles.approver
  deploy_role_name     = var.roles.deploy
  approvers            = var.approvers
}

module "jenkins_access" {
  source = "../../modules/jenkins-access"

  kind                     = var.kind
  project                  = var.project
  environment              = var.environment
  account_id               = var.account_id
  tooling_account_id       = var.linked_accounts["tooling"]
  region                   = var.region
  roles                    = var.roles
  owned_buckets            = var.buckets
  model_package_group_arns = [for group in values(local.model_package_groups) : "arn:aws:sagemaker:${var.region}:${var.account_id}:model-package-group/${group}"]
}
