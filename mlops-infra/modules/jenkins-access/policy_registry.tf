# The registry account: model package groups and the ledger's table. Never
# sagemaker:UpdateModelPackage, which approves, and never a record of the ledger.
locals {
  ledger_arn = "arn:aws:dynamodb:${var.region}:${var.account_id}:table/${var.ledger_table}"

  registry_read = [
    {
      Sid      = "ReadModelPackageGroups"
      Effect   = "Allow"
      Action   = ["sagemaker:DescribeModelPackageGroup", "sagemaker:GetModelPackageGroupPolicy", "sagemaker:ListTags"]
      Resource = local.group_arns
    },
    {
      Sid      = "ReadLedgerTable"
      Effect   = "Allow"
      Action   = ["dynamodb:DescribeContinuousBackups", "dynamodb:DescribeTable", "dynamodb:DescribeTimeToLive", "dynamodb:GetResourcePolicy", "dynamodb:ListTagsOfResource"]
      Resource = local.ledger_arn
    },
  ]

  registry_change = [
    {
      Sid      = "ManageModelPackageGroups"
      Effect   = "Allow"
      Action   = ["sagemaker:AddTags", "sagemaker:CreateModelPackageGroup", "sagemaker:DeleteModelPackageGroup", "sagemaker:DeleteModelPackageGroupPolicy", "sagemaker:PutModelPackageGroupPolicy"]
      Resource = local.group_arns
    },
    {
      # No dynamodb:DeleteTable: the records are evidence, and an administrator removes them.
      Sid      = "MakeLedgerTable"
      Effect   = "Allow"
      Action   = ["dynamodb:CreateTable", "dynamodb:PutResourcePolicy", "dynamodb:TagResource", "dynamodb:UpdateContinuousBackups", "dynamodb:UpdateTable"]
      Resource = local.ledger_arn
    },
    {
      # DynamoDB takes the table's key into use as whoever makes the table.
      # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
      Sid       = "EncryptLedgerTable"
      Effect    = "Allow"
      Action    = ["kms:CreateGrant", "kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"]
      Resource  = local.keys_arn
      Condition = { StringEquals = { "aws:ResourceTag/Project" = var.project, "kms:ViaService" = "dynamodb.${var.region}.amazonaws.com" } }
    },
  ]

  registry_look = [
    {
      # `promote models list` and `promote status`.
      Sid      = "ReadModelVersions"
      Effect   = "Allow"
      Action   = ["sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages"]
      Resource = concat(local.group_arns, local.package_arns)
    },
  ]
}
