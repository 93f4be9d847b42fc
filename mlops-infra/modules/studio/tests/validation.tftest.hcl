# Each validation refuses one bad value; the good values above and in `accepts_*` pass.

mock_provider "aws" {}

variables {
  name                     = "acme-ml-dev"
  account_id               = "333333333333"
  region                   = "eu-west-1"
  vpc_id                   = "vpc-0123456789abcdef0"
  subnet_ids               = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
  role_name                = "sagemaker-execution-role-studio"
  permissions_boundary_arn = "arn:aws:iam::333333333333:policy/acme-ml-dev-boundary"
  kms_key_arn              = "arn:aws:kms:eu-west-1:333333333333:key/11111111-2222-3333-4444-555555555555"
  data_bucket              = "acme-ml-dev-data"
  use_cases                = ["mammography"]
  pipeline_names           = ["mammography-train"]
}

run "accepts_good_values" {
  command = plan
}

# One bad value for every variable that is checked on its own: each must be reported.
run "rejects_a_bad_value_of_every_variable" {
  command = plan

  variables {
    name                     = "acme_ml"
    account_id               = "33333333333"
    region                   = "eu west 1"
    vpc_id                   = "vpc-1"
    subnet_ids               = ["subnet-1"]
    role_name                = "path/role"
    permissions_boundary_arn = "acme-ml-dev-boundary"
    kms_key_arn              = "arn:aws:kms:eu-west-1:333333333333:alias/acme-ml-dev"
    data_bucket              = "Data"
    use_cases                = ["Mammography"]
    pipeline_names           = ["Train"]
  }

  expect_failures = [
    var.name,
    var.account_id,
    var.region,
    var.vpc_id,
    var.subnet_ids,
    var.role_name,
    var.permissions_boundary_arn,
    var.kms_key_arn,
    var.data_bucket,
    var.use_cases,
    var.pipeline_names,
  ]
}

run "rejects_no_subnet" {
  command = plan

  variables {
    subnet_ids = []
  }

  expect_failures = [var.subnet_ids]
}

run "rejects_use_case_called_studio" {
  command = plan

  variables {
    use_cases = ["studio"]
  }

  expect_failures = [var.use_cases]
}
