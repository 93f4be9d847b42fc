locals {
  function_statements = [
    {
      sid = "ReadExecutions"
      actions = [
        "sagemaker:DescribePipelineDefinitionForExecution", "sagemaker:DescribePipelineExecution",
        "sagemaker:ListPipelineExecutionSteps", "sagemaker:ListPipelineParametersForExecution",
      ]
      resources = concat(local.pipeline_arns, local.execution_arns)
    },
    {
      sid       = "ReadReleaseTags"
      actions   = ["sagemaker:ListTags"]
      resources = local.pipeline_arns
    },
    {
      # Jobs that pipelines make have names of SageMaker's own making, which start so.
      sid       = "ReadJobs"
      actions   = ["sagemaker:DescribeProcessingJob", "sagemaker:DescribeTrainingJob", "sagemaker:DescribeTransformJob"]
      resources = [for kind in ["processing-job", "training-job", "transform-job"] : "${local.sagemaker}:${kind}/pipelines-*"]
    },
    {
      sid     = "ReadDataVersionsAndMetrics"
      actions = ["s3:GetObject"]
      resources = concat(
        [for use_case in local.use_cases : "arn:aws:s3:::${var.data_bucket}/${use_case}/*"],
        [for use_case in local.use_cases : "arn:aws:s3:::${var.artifact_bucket}/${var.environment}/${use_case}/*"],
      )
    },
    {
      sid        = "FindData"
      actions    = ["s3:ListBucket"]
      resources  = ["arn:aws:s3:::${var.data_bucket}"]
      conditions = { StringLike = { "s3:prefix" = [for use_case in local.use_cases : "${use_case}/*"] } }
    },
    {
      # The id of the registry's key is not known here; that key's policy names this role.
      sid        = "Decrypt"
      actions    = ["kms:Decrypt"]
      resources  = [var.kms_key_arn, "arn:aws:kms:${var.region}:${var.registry_account_id}:key/*"]
      conditions = { StringEquals = { "kms:ViaService" = ["s3.${var.region}.amazonaws.com"] } }
    },
    {
      sid       = "HandInRecords"
      actions   = ["lambda:InvokeFunction"]
      resources = [local.ledger_arn]
    },
    {
      sid       = "KeepFailedEvents"
      actions   = ["sqs:SendMessage"]
      resources = [local.queue_arn]
    },
  ]
}
