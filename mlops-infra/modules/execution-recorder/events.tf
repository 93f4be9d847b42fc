locals {
  queue_name = "${var.name_prefix}-record-execution-dlq"
  queue_arn  = "arn:aws:sqs:${var.region}:${var.account_id}:${local.queue_name}"
}

# Every end of an execution, however it ended. SageMaker sends its events to the default bus.
module "ended" {
  source = "../function-trigger"

  name             = "${var.name_prefix}-record-execution"
  description      = "Records pipeline executions that have ended in the audit ledger"
  account_id       = var.account_id
  region           = var.region
  target_id        = "record-execution"
  statement_id     = "ended-rule"
  function         = module.function
  queue_name       = local.queue_name
  alerts_topic_arn = var.alerts_topic_arn

  # A day: an execution that is not recorded is worse than one that is recorded late.
  delivery   = { maximum_age_seconds = 86400, maximum_retries = 185 }
  invocation = { maximum_age_seconds = 21600 }

  alarm_description = "Pipeline executions are missing from the audit ledger. Read them in ${local.queue_name}, remove the cause, invoke ${local.function_name} with each event and purge the queue."

  event_pattern = jsonencode({
    source      = ["aws.sagemaker"]
    detail-type = ["SageMaker Model Building Pipeline Execution Status Change"]
    account     = [var.account_id]
    detail = {
      currentPipelineExecutionStatus = ["Failed", "Stopped", "Succeeded"]
      pipelineArn                    = local.pipeline_arns
    }
  })
}
