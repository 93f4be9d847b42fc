# Each validation refuses one bad value; the good values above and in `accepts_*` pass.

mock_provider "aws" {}

variables {
  environment              = "prod"
  account_id               = "444444444444"
  region                   = "eu-west-1"
  registry_account_id      = "222222222222"
  role_name                = "sagemaker-execution-role"
  permissions_boundary_arn = "arn:aws:iam::444444444444:policy/acme-ml-prod-boundary"
  model_package_groups     = { mammography = "mammography" }
  data_bucket              = "acme-ml-prod-data"
  artifact_bucket          = "acme-ml-model-artifacts"
  kms_key_arn              = "arn:aws:kms:eu-west-1:444444444444:key/11111111-2222-3333-4444-555555555555"
  foreign_key_accounts     = ["222222222222", "333333333333"]
  function_arns            = ["arn:aws:lambda:eu-west-1:444444444444:function:acme-ml-prod-resolve-model"]
  images                   = ["141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-xgboost:1.7-1"]
}

run "accepts_good_values" {
  command = plan
}

# One bad value for every variable that is checked on its own: each must be reported.
run "rejects_a_bad_value_of_every_variable" {
  command = plan

  variables {
    environment              = "dev/eu"
    account_id               = "44444444444"
    region                   = "eu west 1"
    registry_account_id      = "22222222222"
    permissions_boundary_arn = "acme-ml-prod-boundary"
    model_package_groups     = { mammography = "mammo_graphy" }
    data_bucket              = "Data"
    artifact_bucket          = "model.artifacts"
    kms_key_arn              = "arn:aws:kms:eu-west-1:444444444444:alias/acme-ml-prod"
    foreign_key_accounts     = ["33333333333"]
    function_arns            = []
    images                   = ["141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-xgboost"]
  }

  expect_failures = [
    var.environment,
    var.account_id,
    var.region,
    var.registry_account_id,
    var.permissions_boundary_arn,
    var.model_package_groups,
    var.data_bucket,
    var.artifact_bucket,
    var.kms_key_arn,
    var.foreign_key_accounts,
    var.function_arns,
    var.images,
  ]
}

run "rejects_role_with_a_slash" {
  command = plan

  variables {
    role_name = "path/role"
  }

  expect_failures = [var.role_name]
}

run "rejects_role_too_long_with_its_use_case" {
  command = plan

  variables {
    role_name = "a-sagemaker-execution-role-whose-name-is-rather-too-long"
  }

  expect_failures = [var.role_name]
}

run "rejects_function_version" {
  command = plan

  variables {
    function_arns = ["arn:aws:lambda:eu-west-1:444444444444:function:resolve-model:1"]
  }

  expect_failures = [var.function_arns]
}

run "rejects_image_of_another_registry" {
  command = plan

  variables {
    images = ["docker.io/library/python:3.12"]
  }

  expect_failures = [var.images]
}
