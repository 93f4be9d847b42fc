# Decisions on model versions are taken in the registry account, which forwards the events to this
# account's default bus (module approval-events). `account` in a pattern is the account in which the
# event arose: an event that anybody puts here himself carries his own account and matches nothing.
locals {
  approval_source      = "aws.sagemaker"
  approval_detail_type = "SageMaker Model Package State Change"

  # UpdatedModelPackageFields: SageMaker sends the event for every change of a version, and an
  # approved version whose description changes must not start a second run.
  # https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-staging-construct-event-bridge.html
  decision_patterns = {
    for name, use_case in var.use_cases : name => {
      ModelPackageGroupName     = [use_case.model_package_group]
      UpdatedModelPackageFields = ["ModelApprovalStatus"]
    }
  }
}

# Only the registry's forwarding role, only by a rule of that account (not by a PutEvents call), only
# this kind of event. The account is the principal and the role stands in the condition, so that
# accounts can be applied in any order.
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-conditions.html
resource "aws_cloudwatch_event_bus_policy" "default" {
  event_bus_name = "default"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "DecisionsFromRegistry"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::${var.registry_account_id}:root" }
        Action    = "events:PutEvents"
        Resource  = "arn:aws:events:${var.region}:${var.account_id}:event-bus/default"
        Condition = {
          ArnEquals    = { "aws:PrincipalArn" = "arn:aws:iam::${var.registry_account_id}:role/${var.events_role_name}-forward" }
          StringEquals = { "events:eventBusInvocation" = "true" }
          "ForAllValues:StringEquals" = {
            "events:source"      = [local.approval_source]
            "events:detail-type" = [local.approval_detail_type]
          }
          # ForAllValues also holds for a key that is not there.
          Null = { "events:source" = "false", "events:detail-type" = "false" }
        }
      },
    ]
  })
}

resource "aws_cloudwatch_event_rule" "approval_alert" {
  name        = local.rule_names.approval_alert
  description = "Tells people that a model version was approved or rejected"
  state       = "ENABLED"
  event_pattern = jsonencode({
    source      = [local.approval_source]
    detail-type = [local.approval_detail_type]
    account     = [var.registry_account_id]
    detail = {
      ModelPackageGroupName     = sort([for use_case in var.use_cases : use_case.model_package_group])
      ModelApprovalStatus       = ["Approved", "Rejected"]
      UpdatedModelPackageFields = ["ModelApprovalStatus"]
    }
  })
}

resource "aws_cloudwatch_event_target" "approval_alert" {
  rule      = aws_cloudwatch_event_rule.approval_alert.name
  target_id = "notify"
  arn       = module.notify.arn

  retry_policy {
    maximum_event_age_in_seconds = 3600
    maximum_retry_attempts       = 10
  }

  dead_letter_config {
    arn = module.dead_letters["alerts"].arn
  }
}

resource "aws_cloudwatch_event_rule" "approved" {
  for_each = local.approved

  name        = local.rule_names.approved[each.key]
  description = "Starts the ${each.value.start_on_approval} pipeline of ${each.key} when a model version is approved"
  state       = "ENABLED"
  event_pattern = jsonencode({
    source      = [local.approval_source]
    detail-type = [local.approval_detail_type]
    account     = [var.registry_account_id]
    detail      = merge(local.decision_patterns[each.key], { ModelApprovalStatus = ["Approved"] })
  })
}

# Without parameters: the pipeline takes the newest batch, and resolves the newest approved version.
resource "aws_cloudwatch_event_target" "approved" {
  for_each = local.approved

  rule      = aws_cloudwatch_event_rule.approved[each.key].name
  target_id = "start-${each.value.start_on_approval}"
  arn       = local.pipeline_arns[each.key][each.value.start_on_approval]
  role_arn  = aws_iam_role.target["approval"].arn

  retry_policy {
    maximum_event_age_in_seconds = 3600
    maximum_retry_attempts       = 10
  }

  dead_letter_config {
    arn = module.dead_letters["start-approved"].arn
  }
}
