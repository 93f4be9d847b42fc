locals {
  queue_name = "${var.name_prefix}-ledger-dlq"
  queue_arn  = "arn:aws:sqs:${var.region}:${var.account_id}:${local.queue_name}"
}

# Approvals, rejections and registrations, whoever made them and by whatever means. SageMaker sends
# its events to the default bus.
module "decisions" {
  source = "../function-trigger"

  name             = "${var.name_prefix}-ledger-decisions"
  description      = "Records who registered, approved or rejected a model version"
  account_id       = var.account_id
  region           = var.region
  target_id        = "ledger"
  statement_id     = "decisions-rule"
  function         = module.function
  queue_name       = local.queue_name
  alerts_topic_arn = var.alerts_topic_arn

  # A day: a decision that is not recorded is worse than one that is recorded late.
  delivery   = { maximum_age_seconds = 86400, maximum_retries = 185 }
  invocation = { maximum_age_seconds = 21600 }

  alarm_description = "Decisions about model versions are missing from the ledger. Read them in ${local.queue_name}, remove the cause, invoke ${local.function_name} with each event and purge the queue."

  event_pattern = jsonencode({
    source      = ["aws.sagemaker"]
    detail-type = ["SageMaker Model Package State Change"]
    account     = [var.account_id]
    detail = {
      ModelPackageGroupName = sort(values(var.model_package_groups))
      ModelApprovalStatus   = ["Approved", "PendingManualApproval", "Rejected"]
    }
  })
}
