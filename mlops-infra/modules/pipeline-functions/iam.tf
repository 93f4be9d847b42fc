locals {
  groups    = values(var.model_package_groups)
  use_cases = keys(var.model_package_groups)
  registry  = "arn:aws:sagemaker:${var.region}:${var.registry_account_id}"

  # Functions look whether objects are there and never read them: that takes no key.
  # https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
  resolve_model_statements = [
    {
      sid       = "ReadModelVersions"
      actions   = ["sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages"]
      resources = concat([for group in local.groups : "${local.registry}:model-package-group/${group}"], [for group in local.groups : "${local.registry}:model-package/${group}/*"])
    },
    {
      sid       = "CheckArtifacts"
      actions   = ["s3:GetObject"]
      resources = [for use_case in local.use_cases : "arn:aws:s3:::${var.artifact_bucket}/*/${use_case}/*"]
    },
  ]

  resolve_batch_statements = [
    {
      sid       = "CheckBatches"
      actions   = ["s3:GetObject"]
      resources = [for use_case in local.use_cases : "arn:aws:s3:::${var.data_bucket}/${use_case}/*"]
    },
    {
      sid        = "FindBatches"
      actions    = ["s3:ListBucket"]
      resources  = ["arn:aws:s3:::${var.data_bucket}"]
      conditions = { StringLike = { "s3:prefix" = [for use_case in local.use_cases : "${use_case}/*"] } }
    },
  ]

  emit_drift_statements = [
    {
      sid       = "AnnounceDrift"
      actions   = ["events:PutEvents"]
      resources = ["arn:aws:events:${var.region}:${var.account_id}:event-bus/${var.event_bus_name}"]
      # Both keys have several values, one for each entry of a call; ForAllValues also holds for a
      # key that is not there.
      conditions = {
        "ForAllValues:StringEquals" = {
          "events:source"      = ["promotion.data-quality"]
          "events:detail-type" = ["Data Drift Detected", "Data Quality Warning"]
        }
        Null = { "events:source" = ["false"], "events:detail-type" = ["false"] }
      }
    },
  ]
}
