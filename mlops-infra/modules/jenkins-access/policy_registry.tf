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

  # What `promote` reads besides settings: which versions there are (`models list`, `status`), and
  # for its gates the ledger and the published releases.
  registry_look = [
    {
      Sid      = "ReadModelVersions"
      Effect   = "Allow"
      Action   = ["sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages"]
      Resource = concat(local.group_arns, local.package_arns)
    },
    {
      Sid      = "ReadLedger"
      Effect   = "Allow"
      Action   = "dynamodb:Query"
      Resource = local.ledger_arn
    },
    {
      Sid      = "ReadReleases"
      Effect   = "Allow"
      Action   = "s3:GetObject"
      Resource = "arn:aws:s3:::${coalesce(var.buckets.artifacts, "-")}/releases/*"
    },
    {
      # S3 and DynamoDB decrypt as whoever asks them; what may be asked of them stands above.
      # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
      Sid       = "DecryptLedgerAndReleases"
      Effect    = "Allow"
      Action    = "kms:Decrypt"
      Resource  = local.keys_arn
      Condition = { StringEquals = { "aws:ResourceTag/Project" = var.project, "kms:ViaService" = ["dynamodb.${var.region}.amazonaws.com", "s3.${var.region}.amazonaws.com"] } }
    },
  ]
}
