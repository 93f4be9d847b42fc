# Decisions on model versions: told to people here, and forwarded to every workload account.
locals {
  rule_name = "${var.name_prefix}-approval"
  rule_arn  = "arn:aws:events:${var.region}:${var.account_id}:rule/${local.rule_name}"
  bus_arns  = { for name, account_id in var.workload_accounts : name => "arn:aws:events:${var.region}:${account_id}:event-bus/default" }

  source      = "aws.sagemaker"
  detail_type = "SageMaker Model Package State Change"
}

# UpdatedModelPackageFields: SageMaker sends the event for every change of a version, and only a
# decision matters here.
# https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-staging-construct-event-bridge.html
resource "aws_cloudwatch_event_rule" "approval" {
  name        = local.rule_name
  description = "A model version was approved or rejected"
  state       = "ENABLED"
  event_pattern = jsonencode({
    source      = [local.source]
    detail-type = [local.detail_type]
    account     = [var.account_id]
    detail = {
      ModelPackageGroupName     = sort(var.model_package_groups)
      ModelApprovalStatus       = ["Approved", "Rejected"]
      UpdatedModelPackageFields = ["ModelApprovalStatus"]
    }
  })
}

# A topic is reached by its own policy: EventBridge takes no role for it.
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
resource "aws_cloudwatch_event_target" "alerts" {
  rule      = aws_cloudwatch_event_rule.approval.name
  target_id = "alerts-topic"
  arn       = var.alerts_topic_arn

  input_transformer {
    input_paths = {
      status  = "$.detail.ModelApprovalStatus"
      group   = "$.detail.ModelPackageGroupName"
      version = "$.detail.ModelPackageVersion"
      reason  = "$.detail.ApprovalDescription"
      model   = "$.detail.ModelPackageArn"
      time    = "$.time"
    }
    input_template = join("\n", [for line in local.text : "\"${line}\""])
  }

  retry_policy {
    maximum_event_age_in_seconds = 3600
    maximum_retry_attempts       = 10
  }

  dead_letter_config {
    arn = module.dead_letters.arn
  }
}

# EventBridge takes no retry policy and no input for a target that is a bus: it tries for 24 hours
# and hands over the event as it is. The default bus, because the registry cannot know the name of
# another, and an event is forwarded between accounts once only.
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-account.html
resource "aws_cloudwatch_event_target" "workload" {
  for_each = local.bus_arns

  rule      = aws_cloudwatch_event_rule.approval.name
  target_id = "forward-to-${each.key}"
  arn       = each.value
  role_arn  = aws_iam_role.forward.arn

  dead_letter_config {
    arn = module.dead_letters.arn
  }
}

locals {
  text = [
    "A model version was decided on in ${var.name_prefix}.",
    "Decision: <status>",
    "Model:    <group>, version <version> (<model>)",
    "Reason:   <reason>",
    "Time:     <time>",
    length(var.workload_accounts) > 0 ? "Told to: ${join(", ", keys(var.workload_accounts))}." : "No other account is told.",
  ]
}
