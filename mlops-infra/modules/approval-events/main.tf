# Decisions on model versions, forwarded to every workload account; `approval-review` tells people here.
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
