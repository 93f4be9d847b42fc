# Tells people of every decision, once and in words, and checks every approval after the fact, also one
# that was made in Studio or by the bare API: when `promote` would have refused it people hear of that.
locals {
  function_name = "${var.name_prefix}-approval-review"
  queue_name    = "${var.name_prefix}-approval-review-dlq"
}

module "function" {
  source = "../lambda-function"

  name                     = local.function_name
  description              = "Tells people of decisions on model versions, and checks approvals after the fact"
  role_name                = "${var.lambda_role_name}-approval-review"
  permissions_boundary_arn = var.permissions_boundary_arn
  handler                  = "promotion.handlers.review_approval.handler"
  package                  = var.lambda_package
  account_id               = var.account_id
  region                   = var.region
  statements               = local.statements

  # Reading a large archive takes its time.
  timeout_seconds = 300

  environment = {
    NAME_PREFIX      = var.name_prefix
    USE_CASES        = jsonencode(var.use_cases)
    ENVIRONMENTS     = jsonencode(sort(var.environments))
    LEDGER_TABLE     = var.ledger_table
    ARTIFACT_BUCKET  = var.artifact_bucket
    ALERTS_TOPIC_ARN = var.alerts_topic_arn
  }
}

# UpdatedModelPackageFields: SageMaker sends the event for every change of a version.
# https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-staging-construct-event-bridge.html
module "approvals" {
  source = "../function-trigger"

  name             = local.function_name
  description      = "A model version was approved or rejected, by whatever means"
  account_id       = var.account_id
  region           = var.region
  target_id        = "review"
  statement_id     = "approvals-rule"
  function         = module.function
  queue_name       = local.queue_name
  alerts_topic_arn = var.alerts_topic_arn

  delivery   = { maximum_age_seconds = 21600, maximum_retries = 185 }
  invocation = { maximum_age_seconds = 21600 }

  alarm_description = "Decisions on model versions could not be told or reviewed. Read them in ${local.queue_name}, look at each with promote models show, remove the cause and purge the queue."

  event_pattern = jsonencode({
    source      = ["aws.sagemaker"]
    detail-type = ["SageMaker Model Package State Change"]
    account     = [var.account_id]
    detail = {
      ModelPackageGroupName     = sort([for use_case in var.use_cases : use_case.model_package_group])
      ModelApprovalStatus       = ["Approved", "Rejected"]
      UpdatedModelPackageFields = ["ModelApprovalStatus"]
    }
  })
}
