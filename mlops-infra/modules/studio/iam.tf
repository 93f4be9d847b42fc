# What a notebook may do, in its own account only: look at data, pipelines and their runs. It writes
# to a scratch folder, registers no model, starts no pipeline and creates no job.
locals {
  sagemaker = "arn:aws:sagemaker:${var.region}:${var.account_id}"
  data      = "arn:aws:s3:::${var.data_bucket}"
  via_s3    = { StringEquals = { "kms:ViaService" = "s3.${var.region}.amazonaws.com" } }
  log_group = "arn:aws:logs:${var.region}:${var.account_id}:log-group:/aws/sagemaker/studio"

  statements = [
    {
      # Studio's own side: it opens and closes the user's apps with the role of the profile.
      # https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html
      Sid      = "RunOwnApps"
      Effect   = "Allow"
      Action   = ["sagemaker:CreateApp", "sagemaker:DeleteApp", "sagemaker:DescribeApp"]
      Resource = "${local.sagemaker}:app/*"
    },
    {
      Sid      = "RunOwnSpaces"
      Effect   = "Allow"
      Action   = ["sagemaker:CreateSpace", "sagemaker:DeleteSpace", "sagemaker:DescribeSpace", "sagemaker:UpdateSpace"]
      Resource = "${local.sagemaker}:space/*"
    },
    {
      Sid      = "SeeDomain"
      Effect   = "Allow"
      Action   = ["sagemaker:DescribeDomain", "sagemaker:DescribeUserProfile"]
      Resource = ["${local.sagemaker}:domain/*", "${local.sagemaker}:user-profile/*"]
    },
    {
      # sagemaker:ListApps, ListDomains, ListSpaces and ListUserProfiles have no resource-level permission.
      Sid      = "ListDomain"
      Effect   = "Allow"
      Action   = ["sagemaker:ListApps", "sagemaker:ListDomains", "sagemaker:ListSpaces", "sagemaker:ListUserProfiles"]
      Resource = "*"
    },
    {
      Sid    = "SeePipelines"
      Effect = "Allow"
      Action = [
        "sagemaker:DescribePipeline", "sagemaker:DescribePipelineDefinitionForExecution", "sagemaker:DescribePipelineExecution",
        "sagemaker:ListPipelineExecutionSteps", "sagemaker:ListPipelineExecutions", "sagemaker:ListPipelineParametersForExecution",
      ]
      Resource = flatten([for name in sort(var.pipeline_names) : ["${local.sagemaker}:pipeline/${name}", "${local.sagemaker}:pipeline/${name}/execution/*"]])
    },
    {
      Sid      = "ReadData"
      Effect   = "Allow"
      Action   = "s3:GetObject"
      Resource = [for use_case in sort(var.use_cases) : "${local.data}/${use_case}/*"]
    },
    {
      Sid      = "WriteScratch"
      Effect   = "Allow"
      Action   = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
      Resource = "${local.data}/studio/*"
    },
    {
      Sid       = "ListData"
      Effect    = "Allow"
      Action    = "s3:ListBucket"
      Resource  = local.data
      Condition = { StringLike = { "s3:prefix" = concat([for use_case in sort(var.use_cases) : "${use_case}/*"], ["studio/*"]) } }
    },
    {
      Sid       = "UseDataKeyThroughS3"
      Effect    = "Allow"
      Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource  = var.kms_key_arn
      Condition = local.via_s3
    },
    {
      # Studio's own side: apps' volumes are encrypted by a grant, apps write a log.
      Sid       = "EncryptVolumes"
      Effect    = "Allow"
      Action    = "kms:CreateGrant"
      Resource  = var.kms_key_arn
      Condition = { Bool = { "kms:GrantIsForAWSResource" = "true" } }
    },
    {
      Sid      = "WriteAppLogs"
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
      Resource = [local.log_group, "${local.log_group}:*"]
    },
  ]
}

resource "aws_iam_role" "this" {
  name                 = var.role_name
  description          = "Notebooks of the SageMaker Studio domain ${var.name}"
  permissions_boundary = var.permissions_boundary_arn
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "SageMaker"
        Effect    = "Allow"
        Principal = { Service = "sagemaker.amazonaws.com" }
        Action    = "sts:AssumeRole"
        Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
      },
    ]
  })
}

resource "aws_iam_role_policy" "this" {
  name   = "work-in-notebooks"
  role   = aws_iam_role.this.name
  policy = jsonencode({ Version = "2012-10-17", Statement = local.statements })
}
