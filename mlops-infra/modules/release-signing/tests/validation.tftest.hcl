# Each validation refuses one bad value; the good values above and in `accepts_*` pass.

mock_provider "aws" {}

variables {
  project             = "acme-ml"
  account_id          = "111111111111"
  registry_account_id = "222222222222"
  region              = "eu-west-1"
  external_id         = "acme-ml-jenkins"
  jenkins_role_name   = "jenkins-role"
  build_role_name     = "jenkins-build-role"
  artifact_bucket     = "acme-ml-model-artifacts"
}

run "accepts_good_values" {
  command = plan
}

# One bad value for every variable that is checked on its own: each must be reported.
run "rejects_a_bad_value_of_every_variable" {
  command = plan

  variables {
    project           = "Acme"
    account_id        = "11111111111"
    region            = "eu west 1"
    external_id       = "a b"
    jenkins_role_name = "path/role"
    artifact_bucket   = "acme.ml.artifacts"
  }

  expect_failures = [
    var.project,
    var.account_id,
    var.region,
    var.external_id,
    var.jenkins_role_name,
    var.artifact_bucket,
  ]
}

# These are checked against others, which have to be good.
run "rejects_bad_names_of_registry_and_role" {
  command = plan

  variables {
    registry_account_id = "22222222222"
    build_role_name     = "path/role"
  }

  expect_failures = [var.registry_account_id, var.build_role_name]
}

run "rejects_storing_releases_where_they_are_signed" {
  command = plan

  variables {
    registry_account_id = "111111111111"
  }

  expect_failures = [var.registry_account_id]
}

run "rejects_building_as_jenkins_itself" {
  command = plan

  variables {
    build_role_name = "jenkins-role"
  }

  expect_failures = [var.build_role_name]
}
