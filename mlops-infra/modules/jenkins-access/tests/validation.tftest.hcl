# Each validation refuses one bad value; the good values above and in `accepts_*` pass.

mock_provider "aws" {}

variables {
  kind               = "workload"
  project            = "acme-ml"
  environment        = "prod"
  account_id         = "444444444444"
  region             = "eu-west-1"
  tooling_account_id = "111111111111"
  roles = {
    jenkins   = "jenkins-role"
    deploy    = "cross-account-jenkins-role"
    execution = "sagemaker-execution-role"
    lambda    = "lambda-sagemaker-role"
    events    = "eventbridge-sagemaker-role"
    approver  = "model-approver-role"
  }
  jenkins_user_name        = "jenkins"
  deployed_account_ids     = ["333333333333"]
  max_session_seconds      = 43200
  owned_buckets            = { state = "acme-ml-prod-tfstate", data = "acme-ml-prod-data" }
  model_package_group_arns = ["arn:aws:sagemaker:eu-west-1:222222222222:model-package-group/mammography"]
  pipeline_names           = ["mammography-train", "mammography-inference"]
  alerts_topic_name        = "acme-ml-alerts"
}

run "accepts_good_values" {
  command = plan
}

run "accepts_registry_without_topic" {
  command = plan

  variables {
    kind = "registry"
  }
}

# One bad value for every variable that is checked on its own: each must be reported.
run "rejects_a_bad_value_of_every_variable" {
  command = plan

  variables {
    kind               = "sandbox"
    project            = "Acme"
    environment        = "dev/eu"
    account_id         = "44444444444"
    region             = "eu west 1"
    tooling_account_id = "11111111111"
    roles = {
      jenkins   = "path/jenkins"
      deploy    = "cross-account-jenkins-role"
      execution = "sagemaker-execution-role"
      lambda    = "lambda-sagemaker-role"
      events    = "eventbridge-sagemaker-role"
      approver  = "model-approver-role"
    }
    jenkins_user_name        = "path/jenkins"
    deployed_account_ids     = ["4444"]
    max_session_seconds      = 900
    model_package_group_arns = ["mammography"]
    pipeline_names           = ["Train"]
  }

  expect_failures = [
    var.kind,
    var.project,
    var.environment,
    var.account_id,
    var.region,
    var.tooling_account_id,
    var.roles,
    var.jenkins_user_name,
    var.deployed_account_ids,
    var.max_session_seconds,
    var.model_package_group_arns,
    var.pipeline_names,
  ]
}

run "rejects_two_roles_of_one_name" {
  command = plan

  variables {
    roles = {
      jenkins   = "jenkins-role"
      deploy    = "cross-account-jenkins-role"
      execution = "sagemaker-execution-role"
      lambda    = "lambda-sagemaker-role"
      events    = "eventbridge-sagemaker-role"
      approver  = "jenkins-role"
    }
  }

  expect_failures = [var.roles]
}

run "rejects_no_state_bucket" {
  command = plan

  variables {
    owned_buckets = { data = "acme-ml-prod-data" }
  }

  expect_failures = [var.owned_buckets]
}

run "rejects_no_data_bucket_in_a_workload_account" {
  command = plan

  variables {
    owned_buckets = { state = "acme-ml-prod-tfstate" }
  }

  expect_failures = [var.owned_buckets]
}

run "rejects_bucket_name_in_capitals" {
  command = plan

  variables {
    owned_buckets = { state = "Acme", data = "acme-ml-prod-data" }
  }

  expect_failures = [var.owned_buckets]
}

run "rejects_no_topic_in_a_workload_account" {
  command = plan

  variables {
    alerts_topic_name = ""
  }

  expect_failures = [var.alerts_topic_name]
}
