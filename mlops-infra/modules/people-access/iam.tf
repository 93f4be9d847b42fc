locals {
  group_arns   = [for group in var.model_package_groups : "arn:aws:sagemaker:${var.region}:${var.account_id}:model-package-group/${group}"]
  package_arns = [for group in var.model_package_groups : "arn:aws:sagemaker:${var.region}:${var.account_id}:model-package/${group}/*"]
  ledger_arn   = "arn:aws:dynamodb:${var.region}:${var.account_id}:table/${var.ledger_table}"

  read_versions = {
    Sid      = "ReadModelVersions"
    Effect   = "Allow"
    Action   = ["sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages"]
    Resource = concat(local.group_arns, local.package_arns)
  }

  # What an approver looks at: models, evaluations and baselines of every environment, and which
  # releases are published.
  artifacts_arn = "arn:aws:s3:::${var.artifact_bucket}"
  read_artifacts = [
    {
      Sid      = "ReadArtifacts"
      Effect   = "Allow"
      Action   = "s3:GetObject"
      Resource = [for use_case in var.use_cases : "${local.artifacts_arn}/*/${use_case}/*"]
    },
    {
      Sid       = "FindReleases"
      Effect    = "Allow"
      Action    = "s3:ListBucket"
      Resource  = local.artifacts_arn
      Condition = { StringLike = { "s3:prefix" = "releases/*" } }
    },
    {
      Sid       = "DecryptArtifacts"
      Effect    = "Allow"
      Action    = "kms:Decrypt"
      Resource  = "arn:aws:kms:${var.region}:${var.account_id}:key/*"
      Condition = { StringEquals = { "kms:ViaService" = "s3.${var.region}.amazonaws.com" } }
    },
  ]

  read_ledger = {
    Sid      = "ReadLedger"
    Effect   = "Allow"
    Action   = "dynamodb:Query"
    Resource = local.ledger_arn
  }

  # DynamoDB decrypts the table's key as whoever uses the table; the table is all that they reach
  # through it. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
  decrypt_ledger = {
    Sid       = "DecryptLedger"
    Effect    = "Allow"
    Action    = "kms:Decrypt"
    Resource  = "arn:aws:kms:${var.region}:${var.account_id}:key/*"
    Condition = { StringEquals = { "kms:ViaService" = "dynamodb.${var.region}.amazonaws.com" } }
  }

  # What pipelines record of a version, as condition keys.
  recorded_keys = concat(
    ["sagemaker:CustomerMetadataPropertiesToRemove"],
    [
      for name in [
        "artifact_sha256", "auc", "auc_high", "auc_low", "champion_model_package_arn",
        "comparison_uri", "dataset_rows", "dataset_sha256", "drifted_batch_uri", "environment",
        "git_commit", "pipeline_execution_id", "release_digest", "use_case",
      ] : "sagemaker:CustomerMetadataProperties/${name}"
    ],
  )

  statements = {
    approver = concat([
      local.read_versions,
      {
        # A request without a decision lacks the key and is refused: nobody sends a version back to be
        # decided on anew. Nor does a decision rewrite what training recorded of a version, so far as
        # SageMaker has condition keys: it has none for InferenceSpecification and SourceUri.
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
        Sid      = "Decide"
        Effect   = "Allow"
        Action   = "sagemaker:UpdateModelPackage"
        Resource = local.package_arns
        Condition = {
          StringEquals = { "sagemaker:ModelApprovalStatus" = ["Approved", "Rejected"] }
          Null         = { for key in local.recorded_keys : key => "true" }
        }
      },
      # Who started the training stands in the ledger.
      local.read_ledger,
      local.decrypt_ledger,
    ], local.read_artifacts)

    auditor = [
      local.read_versions,
      {
        Sid      = "ReadWhoMayDecide"
        Effect   = "Allow"
        Action   = ["sagemaker:DescribeModelPackageGroup", "sagemaker:GetModelPackageGroupPolicy"]
        Resource = local.group_arns
      },
      local.read_ledger,
      local.decrypt_ledger,
    ]

    break_glass = [
      {
        Sid      = "FindRecords"
        Effect   = "Allow"
        Action   = "dynamodb:Query"
        Resource = local.ledger_arn
      },
      {
        Sid      = "CorrectRecords"
        Effect   = "Allow"
        Action   = ["dynamodb:DeleteItem", "dynamodb:UpdateItem"]
        Resource = local.ledger_arn
      },
      local.decrypt_ledger,
    ]
  }
}
