# What `promote` does in a workload account: code objects, pipelines, runs.
locals {
  code_arn = "arn:aws:s3:::${coalesce(var.buckets.data, "-")}/code/*"
  # Where `promote doctor` writes an object, reads it and removes it.
  code_probe_arn     = "arn:aws:s3:::${coalesce(var.buckets.data, "-")}/code/.doctor/*"
  artifact_probe_arn = "arn:aws:s3:::${coalesce(var.buckets.artifacts, "-")}/${var.environment}/.doctor/*"

  pipeline_names = flatten([for use_case in var.use_cases : values(use_case.pipelines)])
  pipeline_arns  = [for name in local.pipeline_names : "${local.sagemaker}:pipeline/${name}"]
  execution_arns = [for arn in local.pipeline_arns : "${arn}/execution/*"]

  # Every pipeline that promote writes has this tag from the start (promotion/plan/ownership.py).
  written_by_promote = { Null = { "aws:ResourceTag/promotion:release" = "false" } }

  pipelines_read = [
    {
      Sid      = "ReadCode"
      Effect   = "Allow"
      Action   = "s3:GetObject"
      Resource = local.code_arn
    },
    {
      Sid       = "DecryptCode"
      Effect    = "Allow"
      Action    = "kms:Decrypt"
      Resource  = local.keys_arn
      Condition = { StringEquals = { "aws:ResourceTag/Project" = var.project, "kms:ViaService" = "s3.${var.region}.amazonaws.com" } }
    },
    {
      Sid      = "ReadPipelines"
      Effect   = "Allow"
      Action   = "sagemaker:DescribePipeline"
      Resource = local.pipeline_arns
    },
    {
      # `promote destroy` shows what promote wrote for a use case with all of its tags, also where no
      # environment names it any more, and asks whether anything of it runs.
      Sid       = "ReadOwnPipelines"
      Effect    = "Allow"
      Action    = ["sagemaker:DescribePipeline", "sagemaker:ListPipelineExecutions", "sagemaker:ListTags"]
      Resource  = "${local.sagemaker}:pipeline/*"
      Condition = local.written_by_promote
    },
    {
      # sagemaker:ListPipelines has no resource-level permission.
      Sid      = "FindPipelines"
      Effect   = "Allow"
      Action   = "sagemaker:ListPipelines"
      Resource = "*"
    },
  ]

  pipelines_change = [
    {
      # Objects under code/ are named by their content: they are written once and never removed.
      Sid      = "UploadCode"
      Effect   = "Allow"
      Action   = "s3:PutObject"
      Resource = local.code_arn
    },
    {
      Sid       = "EncryptCode"
      Effect    = "Allow"
      Action    = "kms:GenerateDataKey"
      Resource  = local.keys_arn
      Condition = { StringEquals = { "aws:ResourceTag/Project" = var.project, "kms:ViaService" = "s3.${var.region}.amazonaws.com" } }
    },
    {
      Sid      = "RemoveProbes"
      Effect   = "Allow"
      Action   = ["s3:DeleteObject", "s3:DeleteObjectVersion"]
      Resource = [local.code_probe_arn, local.artifact_probe_arn]
    },
    {
      Sid      = "ProbeArtifacts"
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject"]
      Resource = local.artifact_probe_arn
    },
    {
      # The registry's key lets it in for what the artifact bucket lets it do: the probes.
      Sid       = "EncryptArtifactProbes"
      Effect    = "Allow"
      Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource  = "arn:aws:kms:${var.region}:${local.registry_account_id}:key/*"
      Condition = { StringEquals = { "kms:ViaService" = "s3.${var.region}.amazonaws.com" } }
    },
    {
      # A failed apply deletes what it created and puts former marks and tags back.
      Sid      = "ManagePipelines"
      Effect   = "Allow"
      Action   = ["sagemaker:AddTags", "sagemaker:CreatePipeline", "sagemaker:DeletePipeline", "sagemaker:DeleteTags", "sagemaker:StartPipelineExecution", "sagemaker:UpdatePipeline"]
      Resource = local.pipeline_arns
    },
    {
      Sid       = "DestroyOwnPipelines"
      Effect    = "Allow"
      Action    = "sagemaker:DeletePipeline"
      Resource  = "${local.sagemaker}:pipeline/*"
      Condition = local.written_by_promote
    },
    {
      # `promote run` follows what it has started.
      Sid      = "FollowExecutions"
      Effect   = "Allow"
      Action   = ["sagemaker:DescribePipelineExecution", "sagemaker:ListPipelineExecutionSteps"]
      Resource = local.execution_arns
    },
    {
      Sid       = "HandRolesToPipelines"
      Effect    = "Allow"
      Action    = "iam:PassRole"
      Resource  = "${local.role_prefix}/${var.roles.execution}-*"
      Condition = { StringEquals = { "iam:PassedToService" = "sagemaker.amazonaws.com" } }
    },
  ]

  pipelines_look = [
    {
      # A pipeline whose description was overwritten by hand is known by its tags.
      Sid      = "ReadTagsOfUnmarkedPipelines"
      Effect   = "Allow"
      Action   = "sagemaker:ListTags"
      Resource = local.pipeline_arns
    },
    {
      # A plan checks that the group it will register into exists; it lives in the registry account.
      Sid      = "FindModelPackageGroups"
      Effect   = "Allow"
      Action   = "sagemaker:DescribeModelPackageGroup"
      Resource = local.group_arns
    },
    {
      # Both actions have no resource-level permission.
      Sid      = "ReadQuotas"
      Effect   = "Allow"
      Action   = ["servicequotas:ListAWSDefaultServiceQuotas", "servicequotas:ListServiceQuotas"]
      Resource = "*"
    },
    {
      # `promote status` shows the last run.
      Sid      = "FindLastExecutions"
      Effect   = "Allow"
      Action   = "sagemaker:ListPipelineExecutions"
      Resource = local.pipeline_arns
    },
  ]
}
