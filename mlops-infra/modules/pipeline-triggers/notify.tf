# Rules hand their events to this function, which tells people in words, once. A topic as the rules'
# target would get every line in quotation marks, and everything as often as AWS sends it.
module "notify" {
  source = "../lambda-function"

  name                     = local.notify_name
  description              = "Tells people of drift, failures and decisions"
  role_name                = "${var.lambda_role_name}-notify"
  permissions_boundary_arn = var.permissions_boundary_arn
  handler                  = "promotion.handlers.notify.handler"
  package                  = var.lambda_package
  account_id               = var.account_id
  region                   = var.region
  log_retention_days       = var.log_retention_days
  statements               = local.notify_statements

  environment = {
    NAME_PREFIX = var.name_prefix
    TOPIC_ARN   = var.alerts_topic_arn
    DATA_BUCKET = var.data_bucket
    USE_CASES   = jsonencode(merge([for name, use_case in var.use_cases : { for pipeline in values(use_case.pipelines) : pipeline => name }]...))
    RETRAINED   = jsonencode(keys(local.retrained))
    APPROVED    = jsonencode({ for use_case in local.approved : use_case.model_package_group => use_case.start_on_approval })
  }
}

resource "aws_lambda_permission" "notify" {
  for_each = local.alert_rules

  statement_id   = each.key
  action         = "lambda:InvokeFunction"
  function_name  = module.notify.name
  principal      = "events.amazonaws.com"
  source_arn     = each.value
  source_account = var.account_id
}

# What the function was handed and could not tell ends up where undelivered events do.
resource "aws_lambda_function_event_invoke_config" "notify" {
  function_name                = module.notify.name
  maximum_event_age_in_seconds = 3600
  maximum_retry_attempts       = 2

  destination_config {
    on_failure {
      destination = module.dead_letters["alerts"].arn
    }
  }
}

locals {
  notify_name = "${var.name_prefix}-notify"

  alert_rules = {
    failure-alert  = "${local.default_rules}/${local.rule_names.failure_alert}"
    drift-alert    = "${local.drift_rules}/${local.rule_names.drift_alert}"
    approval-alert = "${local.default_rules}/${local.rule_names.approval_alert}"
  }

  notify_statements = [
    {
      sid       = "SendAlerts"
      actions   = ["sns:Publish"]
      resources = [var.alerts_topic_arn]
    },
    {
      # https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
      sid        = "EncryptAlerts"
      actions    = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources  = [var.alerts_key_arn]
      conditions = { StringEquals = { "kms:ViaService" = ["sns.${var.region}.amazonaws.com"] } }
    },
    {
      # Written once, and never again.
      # https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
      sid        = "NoteWhatWasTold"
      actions    = ["s3:PutObject"]
      resources  = ["arn:aws:s3:::${var.data_bucket}/alerts/*"]
      conditions = { Null = { "s3:if-none-match" = ["false"] } }
    },
    {
      sid       = "ReadNotes"
      actions   = ["s3:GetObject"]
      resources = ["arn:aws:s3:::${var.data_bucket}/alerts/*"]
    },
    {
      sid        = "EncryptNotes"
      actions    = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources  = [var.kms_key_arn]
      conditions = { StringEquals = { "kms:ViaService" = ["s3.${var.region}.amazonaws.com"] } }
    },
    {
      sid       = "KeepFailedEvents"
      actions   = ["sqs:SendMessage"]
      resources = ["arn:aws:sqs:${var.region}:${var.account_id}:${var.name_prefix}-alerts-dlq"]
    },
  ]
}
