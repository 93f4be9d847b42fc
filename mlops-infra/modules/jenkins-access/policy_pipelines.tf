# What `promote` does in a workload account: code objects, pipelines, runs.
locals {
  workload_sagemaker = "arn:aws:sagemaker:${var.region}:${var.account_id}"

  pipeline_statements = [
    {
      # Objects under code/ are named by their content: they are written once and never removed.
      Sid      = "UploadCode"
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject"]
      Resource = "arn:aws:s3:::${lookup(var.owned_buckets, "data", "")}/code/*"
    },
    {
      Sid       = "EncryptCode"
      Effect    = "Allow"
      Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource  = "arn:aws:kms:${var.region}:${var.account_id}:key/*"
      Condition = { StringEquals = { "aws:ResourceTag/Project" = var.project, "kms:ViaService" = "s3.${var.region}.amazonaws.com" } }
    },
    {
      Sid    = "ManageAndRunPipelines"
      Effect = "Allow"
      Action = [
        "sagemaker:AddTags", "sagemaker:CreatePipeline", "sagemaker:DeletePipeline", "sagemaker:DescribePipeline",
        "sagemaker:DescribePipelineDefinitionForExecution", "sagemaker:DescribePipelineExecution",
        "sagemaker:ListPipelineExecutionSteps", "sagemaker:ListPipelineExecutions",
        "sagemaker:ListPipelineParametersForExecution", "sagemaker:ListPipelineVersions", "sagemaker:ListTags",
        "sagemaker:StartPipelineExecution", "sagemaker:StopPipelineExecution", "sagemaker:UpdatePipeline",
        "sagemaker:UpdatePipelineVersion",
      ]
      Resource = flatten([for name in var.pipeline_names : ["${local.workload_sagemaker}:pipeline/${name}", "${local.workload_sagemaker}:pipeline/${name}/execution/*"]])
    },
    {
      # sagemaker:ListPipelines has no resource-level permission.
      Sid      = "FindPipelines"
      Effect   = "Allow"
      Action   = "sagemaker:ListPipelines"
      Resource = "*"
    },
    {
      # A plan checks that the group it will register into exists; it lives in the registry account.
      Sid      = "FindModelPackageGroups"
      Effect   = "Allow"
      Action   = "sagemaker:DescribeModelPackageGroup"
      Resource = var.model_package_group_arns
    },
    {
      Sid       = "HandRolesToPipelines"
      Effect    = "Allow"
      Action    = "iam:PassRole"
      Resource  = "${local.role_prefix}/${var.roles.execution}-*"
      Condition = { StringEquals = { "iam:PassedToService" = "sagemaker.amazonaws.com" } }
    },
  ]
}
