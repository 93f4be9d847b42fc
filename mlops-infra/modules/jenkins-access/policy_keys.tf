# The KMS keys that encrypt buckets, topics and tables. Keys have random names: their tag scopes
# what Jenkins may do with them.
locals {
  keys_read = [
    {
      Sid       = "ReadKeys"
      Effect    = "Allow"
      Action    = ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags"]
      Resource  = local.keys_arn
      Condition = { StringEquals = { "aws:ResourceTag/Project" = var.project } }
    },
    {
      # kms:ListAliases has no resource-level permission.
      Sid      = "FindAliases"
      Effect   = "Allow"
      Action   = "kms:ListAliases"
      Resource = "*"
    },
  ]

  keys_change = [
    {
      # A key that does not exist has no ARN: the tag it must be born with is the finer grain.
      Sid       = "CreateKeys"
      Effect    = "Allow"
      Action    = "kms:CreateKey"
      Resource  = "*"
      Condition = { StringEquals = { "aws:RequestTag/Project" = var.project } }
    },
    {
      # Never another project's key. A new key has no tag yet, and looks like one that never had any.
      Sid       = "TagKeys"
      Effect    = "Allow"
      Action    = "kms:TagResource"
      Resource  = local.keys_arn
      Condition = local.born_with
    },
    {
      Sid       = "ManageKeys"
      Effect    = "Allow"
      Action    = ["kms:CreateAlias", "kms:DeleteAlias", "kms:EnableKeyRotation", "kms:PutKeyPolicy", "kms:UpdateAlias", "kms:UpdateKeyDescription"]
      Resource  = local.keys_arn
      Condition = { StringEquals = { "aws:ResourceTag/Project" = var.project } }
    },
    {
      Sid      = "ManageAliases"
      Effect   = "Allow"
      Action   = ["kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"]
      Resource = "arn:aws:kms:${var.region}:${var.account_id}:alias/${local.name_prefix}*"
    },
  ]
}
