mock_provider "aws" {}

variables {
  name_prefix              = "acme-ml-prod"
  account_id               = "444444444444"
  region                   = "eu-west-1"
  registry_account_id      = "222222222222"
  lambda_role_name         = "lambda-sagemaker-role"
  permissions_boundary_arn = "arn:aws:iam::444444444444:policy/acme-ml-prod-boundary"
  lambda_package           = "../lambda-function/tests/empty.zip"
  model_package_groups     = { mammography = "mammography" }
  data_bucket              = "acme-ml-prod-data"
  artifact_bucket          = "acme-ml-model-artifacts"
  event_bus_name           = "default"
  log_retention_days       = 365
}

run "each_function_may_do_its_own_task_only" {
  command = plan

  assert {
    condition = jsonencode(local.resolve_model_statements) == jsonencode([
      { sid = "ReadModelVersions", actions = ["sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages"], resources = ["arn:aws:sagemaker:eu-west-1:222222222222:model-package-group/mammography", "arn:aws:sagemaker:eu-west-1:222222222222:model-package/mammography/*"] },
      { sid = "CheckArtifacts", actions = ["s3:GetObject"], resources = ["arn:aws:s3:::acme-ml-model-artifacts/*/mammography/*"] },
    ])
    error_message = "The function's role must have these permissions and no others."
  }

  assert {
    condition = jsonencode(local.resolve_batch_statements) == jsonencode([
      { sid = "CheckBatches", actions = ["s3:GetObject"], resources = ["arn:aws:s3:::acme-ml-prod-data/mammography/*"] },
      {
        sid        = "FindBatches"
        actions    = ["s3:ListBucket"]
        resources  = ["arn:aws:s3:::acme-ml-prod-data"]
        conditions = { StringLike = { "s3:prefix" = ["mammography/*"] } }
      },
    ])
    error_message = "The function's role must have these permissions and no others."
  }

  assert {
    condition = jsonencode(local.emit_drift_statements) == jsonencode([
      {
        sid       = "AnnounceDrift"
        actions   = ["events:PutEvents"]
        resources = ["arn:aws:events:eu-west-1:444444444444:event-bus/default"]
        conditions = {
          "ForAllValues:StringEquals" = { "events:source" = ["promotion.data-quality"], "events:detail-type" = ["Data Drift Detected", "Data Quality Warning"] }
          Null                        = { "events:source" = ["false"], "events:detail-type" = ["false"] }
        }
      },
    ])
    error_message = "The function's role must have these permissions and no others."
  }

  assert {
    condition     = { for name, function in local.functions : name => function.environment } == { resolve-model = {}, resolve-batch = {}, emit-drift = { EVENT_BUS_NAME = "default" } }
    error_message = "Only emit-drift needs the bus."
  }
}
