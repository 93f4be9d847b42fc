mock_provider "aws" {}

variables {
  name_prefix              = "acme-ml-registry"
  account_id               = "222222222222"
  region                   = "eu-west-1"
  model_package_groups     = ["mammography", "fraud"]
  workload_accounts        = { dev = "333333333333", prod = "444444444444" }
  events_role_name         = "eventbridge-sagemaker-role"
  permissions_boundary_arn = "arn:aws:iam::222222222222:policy/acme-ml-registry-boundary"
  alerts_topic_arn         = "arn:aws:sns:eu-west-1:222222222222:acme-ml-alerts"
}

run "decisions_on_our_groups_are_forwarded" {
  command = plan

  assert {
    condition = jsondecode(aws_cloudwatch_event_rule.approval.event_pattern) == {
      source      = ["aws.sagemaker"]
      detail-type = ["SageMaker Model Package State Change"]
      account     = ["222222222222"]
      detail      = { ModelPackageGroupName = ["fraud", "mammography"], ModelApprovalStatus = ["Approved", "Rejected"], UpdatedModelPackageFields = ["ModelApprovalStatus"] }
    }
    error_message = "Only decisions on this registry's groups may be forwarded."
  }

  assert {
    condition     = { for name, target in aws_cloudwatch_event_target.workload : name => target.arn } == { dev = "arn:aws:events:eu-west-1:333333333333:event-bus/default", prod = "arn:aws:events:eu-west-1:444444444444:event-bus/default" }
    error_message = "Every workload account's default bus must receive the decisions."
  }

  assert {
    condition     = alltrue([for target in aws_cloudwatch_event_target.workload : length(target.retry_policy) == 0 && length(target.input_transformer) == 0 && length(target.dead_letter_config) == 1])
    error_message = "EventBridge takes neither retry policy nor input for a bus; what fails must be kept."
  }
}

run "role_forwards_decisions_by_this_rule_and_nothing_else" {
  command = plan

  assert {
    condition     = aws_iam_role.forward.name == "eventbridge-sagemaker-role-forward" && aws_iam_role.forward.permissions_boundary == var.permissions_boundary_arn
    error_message = "The role must have its name, which other accounts know, and be bounded."
  }

  assert {
    condition = jsondecode(aws_iam_role.forward.assume_role_policy).Statement == [
      {
        Sid       = "EventBridge"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = "sts:AssumeRole"
        Condition = {
          ArnEquals    = { "aws:SourceArn" = "arn:aws:events:eu-west-1:222222222222:rule/acme-ml-registry-approval" }
          StringEquals = { "aws:SourceAccount" = "222222222222" }
        }
      },
    ]
    error_message = "The policy must hold these statements and no others."
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.forward[0].policy).Statement == [
      {
        Sid      = "ForwardDecisions"
        Effect   = "Allow"
        Action   = "events:PutEvents"
        Resource = ["arn:aws:events:eu-west-1:333333333333:event-bus/default", "arn:aws:events:eu-west-1:444444444444:event-bus/default"]
        Condition = {
          StringEquals = { "events:eventBusInvocation" = "true" }
          "ForAllValues:StringEquals" = {
            "events:source"      = ["aws.sagemaker"]
            "events:detail-type" = ["SageMaker Model Package State Change"]
          }
          Null = { "events:source" = "false", "events:detail-type" = "false" }
        }
      },
    ]
    error_message = "The policy must hold these statements and no others."
  }
}

run "undelivered_decisions_are_kept_and_alarmed" {
  command = plan

  assert {
    condition = jsondecode(module.dead_letters.policy).Statement == [
      {
        Sid       = "EventBridge"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = "sqs:SendMessage"
        Resource  = "arn:aws:sqs:eu-west-1:222222222222:acme-ml-registry-approval-dlq"
        Condition = { ArnEquals = { "aws:SourceArn" = ["arn:aws:events:eu-west-1:222222222222:rule/acme-ml-registry-approval"] } }
      },
    ]
    error_message = "The policy must hold these statements and no others."
  }

  assert {
    condition     = module.dead_letters.alarm == { queue = "acme-ml-registry-approval-dlq", topic_arn = var.alerts_topic_arn }
    error_message = "A queue that is not empty must alert."
  }
}

run "without_workload_accounts_nothing_is_forwarded" {
  command = plan

  variables {
    workload_accounts = {}
  }

  assert {
    condition     = length(aws_cloudwatch_event_target.workload) + length(aws_iam_role_policy.forward) == 0
    error_message = "There is nobody to forward to, and nothing to allow."
  }
}
