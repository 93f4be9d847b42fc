# What a deployment keeps track of: the account's Terraform state, the lock and the note of `promote`
# beside it, and the ledger. A plan takes no lock (-lock=false), so only a deployment writes.
locals {
  state_bucket_arn    = "arn:aws:s3:::${var.buckets.state}"
  state_object_arn    = "${local.state_bucket_arn}/accounts/${var.environment}/terraform.tfstate"
  promote_lock_arn    = "${local.state_bucket_arn}/accounts/${var.environment}/promote.lock"
  promote_note_arn    = "${local.state_bucket_arn}/accounts/${var.environment}/promote.applied"
  statements_arn      = "arn:aws:lambda:${var.region}:${local.ledger_account_id}:function:${var.project}-registry-ledger-${var.environment}"
  ledger_account_id   = coalesce(local.registry_account_id, var.account_id)
  locks_and_note_arns = ["${local.state_object_arn}.tflock", local.promote_lock_arn, local.promote_note_arn]

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
      Resource = [local.promote_lock_arn, "${local.state_object_arn}.tflock"]
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
      Resource = concat([local.state_object_arn], local.locks_and_note_arns)
    },
    {
      Sid      = "ReadLocksAndNote"
      Effect   = "Allow"
      Action   = "s3:GetObject"
      Resource = local.locks_and_note_arns
    },
    {
      # One of `promote` is removed by its entity tag, so that nobody removes another's.
      Sid      = "ReleaseLocks"
      Effect   = "Allow"
      Action   = "s3:DeleteObject"
      Resource = ["${local.state_object_arn}.tflock", local.promote_lock_arn]
    },
    {
      # The function takes records of this account only, and none of approvals. Only its own: the
      # guards deny every other.
      Sid      = "StateRecords"
      Effect   = "Allow"
      Action   = "lambda:InvokeFunction"
      Resource = local.statements_arn
    },
  ]
}
