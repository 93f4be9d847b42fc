locals {
  sagemaker     = "arn:aws:sagemaker:${var.region}:${var.account_id}"
  groups        = [for use_case in var.use_cases : use_case.model_package_group]
  artifacts_arn = "arn:aws:s3:::${var.artifact_bucket}"
  notes_arn     = "${local.artifacts_arn}/alerts/*"

  reopened = [for use_case in var.use_cases : use_case.model_package_group if use_case.approval.reopen]

  reopen_statements = [
    {
      # The group's policy and the boundary deny this role every other decision.
      sid        = "Reopen"
      actions    = ["sagemaker:UpdateModelPackage"]
      resources  = [for group in local.reopened : "${local.sagemaker}:model-package/${group}/*"]
      conditions = { StringEquals = { "sagemaker:ModelApprovalStatus" = ["PendingManualApproval"] } }
    },
  ]

  statements = concat(local.read_statements, [for statement in local.reopen_statements : statement if length(local.reopened) > 0])

  # What an approver's role may read (see `people-access`), what telling takes, and nothing that decides.
  read_statements = [
    {
      sid       = "ReadModelVersions"
      actions   = ["sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages"]
      resources = flatten([for group in local.groups : ["${local.sagemaker}:model-package-group/${group}", "${local.sagemaker}:model-package/${group}/*"]])
    },
    {
      sid       = "ReadArtifacts"
      actions   = ["s3:GetObject"]
      resources = [for use_case in keys(var.use_cases) : "${local.artifacts_arn}/*/${use_case}/*"]
    },
    {
      sid        = "FindReleases"
      actions    = ["s3:ListBucket"]
      resources  = [local.artifacts_arn]
      conditions = { StringLike = { "s3:prefix" = ["releases/*"] } }
    },
    {
      sid       = "ReadLedger"
      actions   = ["dynamodb:Query"]
      resources = ["arn:aws:dynamodb:${var.region}:${var.account_id}:table/${var.ledger_table}"]
    },
    {
      # A note of what was told is written once, and never again.
      # https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
      sid        = "NoteWhatWasTold"
      actions    = ["s3:PutObject"]
      resources  = [local.notes_arn]
      conditions = { Null = { "s3:if-none-match" = ["false"] } }
    },
    {
      sid       = "ReadNotes"
      actions   = ["s3:GetObject"]
      resources = [local.notes_arn]
    },
    {
      sid        = "EncryptNotes"
      actions    = ["kms:GenerateDataKey"]
      resources  = [var.kms_key_arn]
      conditions = { StringEquals = { "kms:ViaService" = ["s3.${var.region}.amazonaws.com"] } }
    },
    {
      # Both are encrypted with the registry's key; S3 and DynamoDB decrypt as whoever asks them.
      sid        = "UseDataKey"
      actions    = ["kms:Decrypt"]
      resources  = [var.kms_key_arn]
      conditions = { StringEquals = { "kms:ViaService" = ["dynamodb.${var.region}.amazonaws.com", "s3.${var.region}.amazonaws.com"] } }
    },
    {
      sid       = "Alert"
      actions   = ["sns:Publish"]
      resources = [var.alerts_topic_arn]
    },
    {
      # SNS encrypts a message as whoever publishes it.
      # https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
      sid        = "EncryptAlerts"
      actions    = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources  = [var.alerts_key_arn]
      conditions = { StringEquals = { "kms:ViaService" = ["sns.${var.region}.amazonaws.com"] } }
    },
    {
      sid       = "KeepFailedEvents"
      actions   = ["sqs:SendMessage"]
      resources = ["arn:aws:sqs:${var.region}:${var.account_id}:${local.queue_name}"]
    },
  ]
}
