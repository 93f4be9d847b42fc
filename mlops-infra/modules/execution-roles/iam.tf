locals {
  role_names = { for use_case in keys(var.model_package_groups) : use_case => "${var.role_name}-${use_case}" }
  role_arns  = { for use_case, name in local.role_names : use_case => "arn:aws:iam::${var.account_id}:role/${name}" }

  sagemaker = "arn:aws:sagemaker:${var.region}:${var.account_id}"
  registry  = "arn:aws:sagemaker:${var.region}:${var.registry_account_id}"
  data      = "arn:aws:s3:::${var.data_bucket}"
  artifacts = "arn:aws:s3:::${var.artifact_bucket}"
  via_s3    = { StringEquals = { "kms:ViaService" = "s3.${var.region}.amazonaws.com" } }

  # 111122223333.dkr.ecr.eu-west-1.amazonaws.com/name:tag -> the repository's ARN
  image_parts  = [for image in var.images : regex("^([0-9]{12})[.]dkr[.]ecr[.]([a-z0-9-]+)[.]amazonaws[.]com/([^:@]+)", image)]
  repositories = sort(distinct([for parts in local.image_parts : "arn:aws:ecr:${parts[1]}:${parts[0]}:repository/${parts[2]}"]))

  log_groups = [for kind in ["ProcessingJobs", "TrainingJobs", "TransformJobs"] : "arn:aws:logs:${var.region}:${var.account_id}:log-group:/aws/sagemaker/${kind}"]

  statements = { for use_case in keys(var.model_package_groups) : use_case => concat(local.job_statements, local.use_case_statements[use_case], local.service_statements) }

  # What the jobs of every use case need alike.
  job_statements = [
    {
      # SageMaker names what a pipeline creates pipelines-<execution id>-<step>-<random>: the name does
      # not tell the use case. It tags each with its execution, and stops them when a run is stopped.
      # https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-access.html
      Sid    = "RunPipelineJobs"
      Effect = "Allow"
      Action = [
        "sagemaker:AddTags",
        "sagemaker:CreateModel",
        "sagemaker:CreateProcessingJob",
        "sagemaker:CreateTrainingJob",
        "sagemaker:CreateTransformJob",
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
      Sid       = "UseDataKeyThroughS3"
      Effect    = "Allow"
      Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource  = var.kms_key_arn
      Condition = local.via_s3
    },
    {
      # SageMaker encrypts the jobs' volumes by a grant that the role gives it.
      # https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html
      Sid       = "EncryptJobVolumes"
      Effect    = "Allow"
      Action    = "kms:CreateGrant"
      Resource  = var.kms_key_arn
      Condition = { Bool = { "kms:GrantIsForAWSResource" = "true" } }
    },
    {
      # The id of another account's key is not known here; that key's policy names this role.
      Sid       = "ReadModelsThroughS3"
      Effect    = "Allow"
      Action    = "kms:Decrypt"
      Resource  = [for account_id in var.foreign_key_accounts : "arn:aws:kms:${var.region}:${account_id}:key/*"]
      Condition = local.via_s3
    },
    {
      # Artifacts are encrypted with the default key of the registry account's bucket.
      Sid       = "WriteArtifactsThroughS3"
      Effect    = "Allow"
      Action    = "kms:GenerateDataKey"
      Resource  = "arn:aws:kms:${var.region}:${var.registry_account_id}:key/*"
      Condition = local.via_s3
    },
  ]

  use_case_statements = {
    for use_case, group in var.model_package_groups : use_case => [
      {
        Sid       = "RunJobsAsItself"
        Effect    = "Allow"
        Action    = "iam:PassRole"
        Resource  = local.role_arns[use_case]
        Condition = { StringEquals = { "iam:PassedToService" = "sagemaker.amazonaws.com" } }
      },
      {
        # A version waits for a person's decision, and says nothing of a life-cycle stage.
        Sid      = "RegisterPendingVersions"
        Effect   = "Allow"
        Action   = "sagemaker:CreateModelPackage"
        Resource = ["${local.registry}:model-package-group/${group}", "${local.registry}:model-package/${group}/*"]
        Condition = {
          StringEquals = { "sagemaker:ModelApprovalStatus" = "PendingManualApproval" }
          Null         = { "sagemaker:ModelLifeCycle:Stage" = "true", "sagemaker:ModelLifeCycle:StageStatus" = "true" }
        }
      },
      {
        # SageMaker reads the group when a version is registered from another account.
        # https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-version.html#model-registry-version-xaccount
        Sid      = "FindGroup"
        Effect   = "Allow"
        Action   = "sagemaker:DescribeModelPackageGroup"
        Resource = "${local.registry}:model-package-group/${group}"
      },
      {
        # https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-deploy.html#model-registry-deploy-xaccount
        Sid      = "ServeVersions"
        Effect   = "Allow"
        Action   = ["sagemaker:CreateModel", "sagemaker:DescribeModelPackage"]
        Resource = "${local.registry}:model-package/${group}/*"
      },
      {
        Sid      = "ReadCodeAndOwnData"
        Effect   = "Allow"
        Action   = "s3:GetObject"
        Resource = ["${local.data}/code/*", "${local.data}/${use_case}/*", "${local.artifacts}/*/${use_case}/*"]
      },
      {
        # SageMaker uploads large results in parts, and gives up the parts of an upload that fails.
        # https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html
        Sid      = "WriteOwnResults"
        Effect   = "Allow"
        Action   = ["s3:AbortMultipartUpload", "s3:PutObject"]
        Resource = ["${local.data}/${use_case}/*", "${local.artifacts}/${var.environment}/${use_case}/*"]
      },
      {
        Sid       = "ListCodeAndOwnData"
        Effect    = "Allow"
        Action    = "s3:ListBucket"
        Resource  = local.data
        Condition = { StringLike = { "s3:prefix" = ["code/*", "${use_case}/*"] } }
      },
      {
        Sid       = "ListOwnArtifacts"
        Effect    = "Allow"
        Action    = "s3:ListBucket"
        Resource  = local.artifacts
        Condition = { StringLike = { "s3:prefix" = "*/${use_case}/*" } }
      },
    ]
  }

  # What SageMaker does on its side with the role of a job, and no code of ours calls: it pulls the
  # image, writes the log and the metrics.
  # https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html
  service_statements = [
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
      # The groups are made by the module observability; SageMaker asks for one before it writes.
      Sid      = "WriteJobLogs"
      Effect   = "Allow"
      Action   = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
      Resource = concat(local.log_groups, [for group in local.log_groups : "${group}:*"])
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
