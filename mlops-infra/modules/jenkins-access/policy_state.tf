# The account's Terraform state. A plan takes no lock (-lock=false), so only a deployment writes.
locals {
  state_bucket_arn = "arn:aws:s3:::${var.buckets.state}"
  state_object_arn = "${local.state_bucket_arn}/accounts/${var.environment}/terraform.tfstate"

  state_read = [
    {
      Sid      = "ReadState"
      Effect   = "Allow"
      Action   = "s3:GetObject"
      Resource = local.state_object_arn
    },
  ]

  # `promote doctor` tells who holds which lock.
  state_look = [
    {
      Sid      = "ReadLocks"
      Effect   = "Allow"
      Action   = "s3:GetObject"
      Resource = ["${local.state_bucket_arn}/accounts/${var.environment}/promote.lock", "${local.state_object_arn}.tflock"]
    },
  ]

  state_change = [
    {
      # `terraform init` asks which workspaces there are, and a missing object is 404 to those only
      # who may list. The plan role may list it among the buckets that it plans.
      Sid      = "FindState"
      Effect   = "Allow"
      Action   = "s3:ListBucket"
      Resource = local.state_bucket_arn
    },
    {
      Sid      = "WriteState"
      Effect   = "Allow"
      Action   = "s3:PutObject"
      Resource = [local.state_object_arn, "${local.state_object_arn}.tflock"]
    },
    {
      Sid      = "ReadAndReleaseLock"
      Effect   = "Allow"
      Action   = ["s3:DeleteObject", "s3:GetObject"]
      Resource = "${local.state_object_arn}.tflock"
    },
  ]
}
