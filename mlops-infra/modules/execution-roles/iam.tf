locals {
  role_names = { for use_case in keys(var.model_package_groups) : use_case => "${var.role_name}-${use_case}" }
  role_arns  = { for use_case, name in local.role_names : use_case => "arn:aws:iam::${var.account_id}:role/${name}" }

  sagemaker = "arn:aws:sagemaker:${var.region}:${var.account_id}"
  registry  = "arn:aws:sagemaker:${var.region}:${var.registry_account_id}"
  data      = "arn:aws:s3:::${var.data_bucket}"
  artifacts = "arn:aws:s3:::${var.artifact_bucket}"

  # 111122223333.dkr.ecr.eu-west-1.amazonaws.com/name:tag -> the repository's ARN
  image_parts  = [for image in var.images : regex("^([0-9]{12})[.]dkr[.]ecr[.]([a-z0-9-]+)[.]amazonaws[.]com/([^:@]+)", image)]
  repositories = sort(distinct([for parts in local.image_parts : "arn:aws:ecr:${parts[1]}:${parts[0]}:repository/${parts[2]}"]))

  # SageMaker names what a pipeline creates pipelines-<execution id>-<step>-<random>.
  statements = {
    for use_case, group in var.model_package_groups : use_case => concat(
      local.job_statements,
      [
        {
          Sid       = "RunJobsAsItself"
          Effect    = "Allow"
          Action    = "iam:PassRole"
          Resource  = local.role_arns[use_case]
          Condition = { StringEquals = { "iam:PassedToService" = "sagemaker.amazonaws.com" } }
        },
        {
          Sid      = "RegisterAndServeModelVersions"
          Effect   = "Allow"
          Action   = ["sagemaker:CreateModel", "sagemaker:CreateModelPackage", "sagemaker:DescribeModelPackage", "sagemaker:DescribeModelPackageGroup"]
          Resource = ["${local.registry}:model-package-group/${group}", "${local.registry}:model-package/${group}/*"]
        },
        {
          Sid      = "ReadCodeAndOwnData"
          Effect   = "Allow"
          Action   = "s3:GetObject"
          Resource = ["${local.data}/code/*", "${local.data}/${use_case}/*", "${local.artifacts}/*/${use_case}/*"]
        },
        {
          Sid      = "WriteOwnResults"
          Effect   = "Allow"
          Action   = ["s3:AbortMultipartUpload", "s3:PutObject"]
          Resource = ["${local.data}/${use_case}/*", "${local.artifacts}/${var.environment}/${use_case}/*"]
        },
        {
          Sid       = "ListCodeAndOwnData"
          Effect    = "Allow"
          Action    = "s3:ListBucket"
          Resource  = [local.data, local.artifacts]
          Condition = { StringLike = { "s3:prefix" = ["code/*", "${use_case}/*", "*/${use_case}/*"] } }
        },
      ],
    )
  }

  job_statements = [
    {
      Sid    = "RunPipelineJobs"
      Effect = "Allow"
      Action = [
        "sagemaker:AddTags",
        "sagemaker:CreateModel",
        "sagemaker:CreateProcessingJob",
        "sagemaker:CreateTrainingJob",
        "sagemaker:CreateTransformJob",
        "sagemaker:DescribeModel",
        "sagemaker:DescribeProcessingJob",
        "sagemaker:DescribeTrainingJob",
        "sagemaker:DescribeTransformJob",
        "sagemaker:StopProcessingJob",
        "sagemaker:StopTrainingJob",
        "sagemaker:StopTransformJob",
      ]
      Resource = [for kind in ["model", "processing-job", "training-job", "transform-job"] : "${local.sagemaker}:${kind}/pipelines-*"]
    },
    {
      Sid      = "InvokePipelineFunctions"
      Effect   = "Allow"
      Action   = "lambda:InvokeFunction"
      Resource = var.function_arns
    },
    {
      Sid      = "UseDataKey"
      Effect   = "Allow"
      Action   = ["kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"]
      Resource = var.kms_key_arn
    },
    {
      # The id of another account's key is not known here; that key's policy names this role.
      Sid       = "UseForeignKeysThroughS3"
      Effect    = "Allow"
      Action    = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"]
      Resource  = [for account_id in var.foreign_key_accounts : "arn:aws:kms:${var.region}:${account_id}:key/*"]
      Condition = { StringEquals = { "kms:ViaService" = "s3.${var.region}.amazonaws.com" } }
    },
    {
      Sid      = "PullImages"
      Effect   = "Allow"
      Action   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
      Resource = local.repositories
    },
    {
      # ecr:GetAuthorizationToken has no resource-level permission.
      Sid      = "LogInToRegistries"
      Effect   = "Allow"
      Action   = "ecr:GetAuthorizationToken"
      Resource = "*"
    },
    {
      Sid      = "WriteJobLogs"
      Effect   = "Allow"
      Action   = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
      Resource = "arn:aws:logs:${var.region}:${var.account_id}:log-group:/aws/sagemaker/*"
    },
    {
      # cloudwatch:PutMetricData has no resource-level permission; the namespace is its finer grain.
      Sid       = "WriteJobMetrics"
      Effect    = "Allow"
      Action    = "cloudwatch:PutMetricData"
      Resource  = "*"
      Condition = { StringLike = { "cloudwatch:namespace" = "/aws/sagemaker/*" } }
    },
  ]
}
