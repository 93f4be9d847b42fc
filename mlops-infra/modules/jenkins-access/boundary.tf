# The most that a role of this account may be able to do that the deploy role has made, whatever is
# written into it. It grants nothing by itself.
locals {
  boundary_name = "${local.name_prefix}-boundary"
  boundary_arn  = "arn:aws:iam::${var.account_id}:policy/${local.boundary_name}"

  # Data keys of the workload accounts and of the registry; the keys' policies decide.
  key_accounts = distinct(concat([var.account_id, local.registry_account_id], values(local.workload_accounts)))

  boundary_statements = {
    tooling  = []
    registry = concat(local.boundary_common, local.boundary_registry, local.registry_boundary_guards)
    workload = concat(local.boundary_common, local.boundary_workload, [for statement in local.boundary_studio : statement if var.studio])
  }

  boundary_common = [
    {
      Sid    = "WriteLogs"
      Effect = "Allow"
      # Functions find their group; jobs look for theirs.
      Action   = concat(["logs:CreateLogStream", "logs:PutLogEvents"], var.kind == "workload" ? ["logs:CreateLogGroup", "logs:DescribeLogStreams"] : [])
      Resource = local.log_arns
    },
    {
      Sid      = "KeepFailedEvents"
      Effect   = "Allow"
      Action   = "sqs:SendMessage"
      Resource = local.queue_arn
    },
    {
      Sid      = "UseDataKeys"
      Effect   = "Allow"
      Action   = concat(["kms:Decrypt"], var.kind == "workload" ? ["kms:CreateGrant", "kms:GenerateDataKey"] : [])
      Resource = [for account_id in local.key_accounts : "arn:aws:kms:${var.region}:${account_id}:key/*"]
    },
  ]

  # What notebooks may besides; they start no pipelines and make no jobs.
  boundary_studio = [
    {
      Sid      = "RunApps"
      Effect   = "Allow"
      Action   = ["sagemaker:CreateApp", "sagemaker:CreateSpace", "sagemaker:DeleteApp", "sagemaker:DeleteSpace", "sagemaker:DescribeApp", "sagemaker:DescribeDomain", "sagemaker:DescribeSpace", "sagemaker:DescribeUserProfile", "sagemaker:UpdateSpace"]
      Resource = [for kind in ["app", "domain", "space", "user-profile"] : "${local.sagemaker}:${kind}/*"]
    },
    {
      # These four have no resource-level permission.
      Sid      = "ListApps"
      Effect   = "Allow"
      Action   = ["sagemaker:ListApps", "sagemaker:ListDomains", "sagemaker:ListSpaces", "sagemaker:ListUserProfiles"]
      Resource = "*"
    },
    {
      Sid      = "DeleteScratch"
      Effect   = "Allow"
      Action   = "s3:DeleteObject"
      Resource = "arn:aws:s3:::${coalesce(var.buckets.data, "-")}/studio/*"
    },
    {
      Sid      = "SeePipelines"
      Effect   = "Allow"
      Action   = "sagemaker:DescribePipeline"
      Resource = local.pipeline_arns
    },
  ]

  boundary_registry = [
    {
      Sid      = "ForwardEvents"
      Effect   = "Allow"
      Action   = "events:PutEvents"
      Resource = [for account_id in values(local.workload_accounts) : "arn:aws:events:${var.region}:${account_id}:event-bus/default"]
    },
    {
      Sid      = "AppendToLedger"
      Effect   = "Allow"
      Action   = ["dynamodb:PutItem", "dynamodb:Query"]
      Resource = local.ledger_arn
    },
    {
      Sid      = "ReadModelVersions"
      Effect   = "Allow"
      Action   = ["sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages"]
      Resource = concat(local.group_arns, local.package_arns)
    },
    {
      # What the review of approvals looks at.
      Sid      = "ReadArtifacts"
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:ListBucket"]
      Resource = ["arn:aws:s3:::${coalesce(var.buckets.artifacts, "-")}", "arn:aws:s3:::${coalesce(var.buckets.artifacts, "-")}/*"]
    },
    {
      Sid       = "NoteWhatWasTold"
      Effect    = "Allow"
      Action    = "s3:PutObject"
      Resource  = "arn:aws:s3:::${coalesce(var.buckets.artifacts, "-")}/alerts/*"
      Condition = { Null = { "s3:if-none-match" = "false" } }
    },
    {
      Sid      = "ReopenVersions"
      Effect   = "Allow"
      Action   = "sagemaker:UpdateModelPackage"
      Resource = local.package_arns
    },
    {
      Sid      = "Alert"
      Effect   = "Allow"
      Action   = "sns:Publish"
      Resource = local.topic_arn
    },
    {
      # Messages, and the notes of what was told.
      Sid       = "EncryptAlerts"
      Effect    = "Allow"
      Action    = "kms:GenerateDataKey"
      Resource  = "arn:aws:kms:${var.region}:${var.account_id}:key/*"
      Condition = { StringEquals = { "kms:ViaService" = ["s3.${var.region}.amazonaws.com", "sns.${var.region}.amazonaws.com"] } }
    },
  ]

  boundary_workload = [
    {
      Sid    = "RunPipelineJobs"
      Effect = "Allow"
      Action = [
        "sagemaker:AddTags", "sagemaker:CreateModel", "sagemaker:CreateProcessingJob", "sagemaker:CreateTrainingJob",
        "sagemaker:CreateTransformJob", "sagemaker:DescribeProcessingJob", "sagemaker:DescribeTrainingJob",
        "sagemaker:DescribeTransformJob", "sagemaker:StopProcessingJob",
        "sagemaker:StopTrainingJob", "sagemaker:StopTransformJob",
      ]
      Resource = [for kind in ["model", "processing-job", "training-job", "transform-job"] : "${local.sagemaker}:${kind}/*"]
    },
    {
      Sid    = "StartAndReadPipelines"
      Effect = "Allow"
      Action = [
        "sagemaker:DescribePipelineDefinitionForExecution", "sagemaker:DescribePipelineExecution",
        "sagemaker:ListPipelineExecutionSteps", "sagemaker:ListPipelineExecutions",
        "sagemaker:ListPipelineParametersForExecution", "sagemaker:ListTags", "sagemaker:StartPipelineExecution",
      ]
      Resource = concat(local.pipeline_arns, local.execution_arns)
    },
    {
      Sid      = "RegisterAndServeModelVersions"
      Effect   = "Allow"
      Action   = ["sagemaker:CreateModel", "sagemaker:CreateModelPackage", "sagemaker:DescribeModelPackage", "sagemaker:DescribeModelPackageGroup", "sagemaker:ListModelPackages"]
      Resource = concat(local.group_arns, local.package_arns)
    },
    {
      Sid       = "RunJobsAsExecutionRoles"
      Effect    = "Allow"
      Action    = "iam:PassRole"
      Resource  = "${local.role_prefix}/${var.roles.execution}-*"
      Condition = { StringEquals = { "iam:PassedToService" = "sagemaker.amazonaws.com" } }
    },
    {
      Sid      = "UseBuckets"
      Effect   = "Allow"
      Action   = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListBucket", "s3:PutObject"]
      Resource = flatten([for name in compact([var.buckets.data, var.buckets.artifacts]) : ["arn:aws:s3:::${name}", "arn:aws:s3:::${name}/*"]])
    },
    {
      Sid      = "InvokeFunctions"
      Effect   = "Allow"
      Action   = "lambda:InvokeFunction"
      Resource = [local.functions_arn, "arn:aws:lambda:${var.region}:${local.registry_account_id}:function:${var.project}-registry-ledger-${var.environment}"]
    },
    {
      Sid      = "SendAlerts"
      Effect   = "Allow"
      Action   = "sns:Publish"
      Resource = local.topic_arn
    },
    {
      Sid      = "SendEvents"
      Effect   = "Allow"
      Action   = "events:PutEvents"
      Resource = "${local.bus_arns}/${var.event_bus}"
    },
    {
      # Which repositories a job may pull from its role says; AWS's own live in AWS's accounts.
      Sid      = "PullImages"
      Effect   = "Allow"
      Action   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
      Resource = "arn:aws:ecr:*:*:repository/*"
    },
    {
      # ecr:GetAuthorizationToken has no resource-level permission.
      Sid      = "LogInToRegistries"
      Effect   = "Allow"
      Action   = "ecr:GetAuthorizationToken"
      Resource = "*"
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

# In the tooling account the deploy role makes no roles.
resource "aws_iam_policy" "boundary" {
  count = local.is_tooling ? 0 : 1

  name        = local.boundary_name
  description = "The most that a role made by ${var.roles.deploy} may do"
  policy      = jsonencode({ Version = "2012-10-17", Statement = local.boundary_statements[var.kind] })
}
