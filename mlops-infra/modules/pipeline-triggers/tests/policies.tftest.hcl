mock_provider "aws" {}

variables {
  name_prefix              = "acme-ml-prod"
  environment              = "prod"
  account_id               = "444444444444"
  region                   = "eu-west-1"
  registry_account_id      = "222222222222"
  event_bus_name           = "default"
  lambda_role_name         = "lambda-sagemaker-role"
  events_role_name         = "eventbridge-sagemaker-role"
  permissions_boundary_arn = "arn:aws:iam::444444444444:policy/acme-ml-prod-boundary"
  lambda_package           = "../lambda-function/tests/empty.zip"
  alerts_topic_arn         = "arn:aws:sns:eu-west-1:444444444444:acme-ml-alerts"
  alerts_key_arn           = "arn:aws:kms:eu-west-1:444444444444:key/alerts"
  data_bucket              = "acme-ml-prod-data"
  kms_key_arn              = "arn:aws:kms:eu-west-1:444444444444:key/data"
  ledger_function_name     = "acme-ml-registry-ledger-prod"
  drift_step_name          = "DataDriftDetected"
  use_cases = {
    mammography = {
      model_package_group = "mammography"
      pipelines           = { train = "mammography-train", inference = "mammography-inference" }
      schedule            = { pipeline = "inference", expression = "cron(0 6 * * ? *)" }
      retrain             = { pipeline = "train", cooldown_minutes = 60 }
      start_on_approval   = "inference"
    }
  }
  log_retention_days = 365
}

run "schedule_starts_inference_with_the_event_time" {
  command = plan

  assert {
    condition     = { for name, rule in aws_cloudwatch_event_rule.schedule : name => rule.schedule_expression } == { mammography = "cron(0 6 * * ? *)" }
    error_message = "The schedule must be the given one."
  }

  assert {
    condition     = aws_cloudwatch_event_target.schedule["mammography"].arn == "arn:aws:sagemaker:eu-west-1:444444444444:pipeline/mammography-inference"
    error_message = "The schedule must start inference."
  }

  assert {
    condition     = jsonencode([for target in aws_cloudwatch_event_target.schedule["mammography"].sagemaker_pipeline_target : target.pipeline_parameter_list]) == jsonencode([[{ name = "BatchDate", value = "$.time" }]])
    error_message = "The event's time must be handed over as BatchDate."
  }

  assert {
    condition     = keys(aws_iam_role.target) == ["approval", "schedule"] && alltrue([for kind, role in aws_iam_role.target : role.name == "eventbridge-sagemaker-role-${kind}" && role.permissions_boundary == var.permissions_boundary_arn])
    error_message = "Each kind of target needs a bounded role of its own."
  }

  assert {
    condition = jsondecode(aws_iam_role.target["schedule"].assume_role_policy).Statement == [
      {
        Sid       = "EventBridge"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = "sts:AssumeRole"
        Condition = {
          ArnEquals    = { "aws:SourceArn" = ["arn:aws:events:eu-west-1:444444444444:rule/acme-ml-prod-mammography-schedule"] }
          StringEquals = { "aws:SourceAccount" = "444444444444" }
        }
      },
    ]
    error_message = "The policy must hold these statements and no others."
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.target["schedule"].policy).Statement == [
      {
        Sid      = "StartPipelines"
        Effect   = "Allow"
        Action   = "sagemaker:StartPipelineExecution"
        Resource = ["arn:aws:sagemaker:eu-west-1:444444444444:pipeline/mammography-inference"]
      },
    ]
    error_message = "The policy must hold these statements and no others."
  }
}

run "default_bus_takes_the_registrys_decisions_and_nothing_else" {
  command = plan

  assert {
    condition = aws_cloudwatch_event_bus_policy.default.event_bus_name == "default" && jsondecode(aws_cloudwatch_event_bus_policy.default.policy).Statement == [
      {
        Sid       = "DecisionsFromRegistry"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::222222222222:root" }
        Action    = "events:PutEvents"
        Resource  = "arn:aws:events:eu-west-1:444444444444:event-bus/default"
        Condition = {
          ArnEquals    = { "aws:PrincipalArn" = "arn:aws:iam::222222222222:role/eventbridge-sagemaker-role-forward" }
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

run "approval_alerts_and_starts_the_chosen_pipeline" {
  command = plan

  assert {
    condition = jsondecode(aws_cloudwatch_event_rule.approval_alert.event_pattern) == {
      source      = ["aws.sagemaker"]
      detail-type = ["SageMaker Model Package State Change"]
      account     = ["222222222222"]
      detail      = { ModelPackageGroupName = ["mammography"], ModelApprovalStatus = ["Approved", "Rejected"], UpdatedModelPackageFields = ["ModelApprovalStatus"] }
    }
    error_message = "Only decisions of the registry account on this environment's groups are announced."
  }

  assert {
    condition = { for name, rule in aws_cloudwatch_event_rule.approved : name => jsondecode(rule.event_pattern) } == {
      mammography = {
        source      = ["aws.sagemaker"]
        detail-type = ["SageMaker Model Package State Change"]
        account     = ["222222222222"]
        detail      = { ModelPackageGroupName = ["mammography"], ModelApprovalStatus = ["Approved"], UpdatedModelPackageFields = ["ModelApprovalStatus"] }
      }
    }
    error_message = "Only an approval in the registry account may start a pipeline."
  }

  assert {
    condition     = aws_cloudwatch_event_target.approved["mammography"].arn == "arn:aws:sagemaker:eu-west-1:444444444444:pipeline/mammography-inference"
    error_message = "The chosen pipeline must be started."
  }

  assert {
    condition     = jsondecode(aws_iam_role.target["approval"].assume_role_policy).Statement[0].Condition.ArnEquals["aws:SourceArn"] == ["arn:aws:events:eu-west-1:444444444444:rule/acme-ml-prod-mammography-approved"]
    error_message = "Only the approval rule may use the role."
  }

}

run "every_target_is_retried" {
  command = plan

  assert {
    condition = toset(concat(
      [for target in [aws_cloudwatch_event_target.failure_alert, aws_cloudwatch_event_target.drift_alert, aws_cloudwatch_event_target.approval_alert] : target.retry_policy[0].maximum_retry_attempts],
      [for target in aws_cloudwatch_event_target.schedule : target.retry_policy[0].maximum_retry_attempts],
      [for target in aws_cloudwatch_event_target.approved : target.retry_policy[0].maximum_retry_attempts],
      [for trigger in module.drift : trigger.settings.delivery.maximum_retries],
    )) == toset([10])
    error_message = "Delivery must be tried again, for every target."
  }
}

run "drift_and_nothing_else_starts_training_once" {
  command = plan

  assert {
    condition     = module.drift[0].settings.event_pattern == { source = ["promotion.data-quality"], detail-type = ["Data Drift Detected"], account = ["444444444444"], detail = { use_case = ["mammography"] } }
    error_message = "Only a drift event of this account may start training."
  }

  assert {
    condition = jsonencode(local.retrain_settings) == jsonencode({
      mammography = {
        pipeline_name           = "mammography-train"
        cooldown_seconds        = 3600
        model_package_group_arn = "arn:aws:sagemaker:eu-west-1:222222222222:model-package-group/mammography"
        drifted_batches         = 1
        of_batches              = 1
        watched_pipelines       = ["mammography-inference"]
        drift_step              = "DataDriftDetected"
      }
    })
    error_message = "The function must know the target of each use case."
  }

  assert {
    condition = jsonencode(local.start_retrain_statements) == jsonencode([
      { sid = "StartTraining", actions = ["sagemaker:ListPipelineExecutions", "sagemaker:StartPipelineExecution"], resources = ["arn:aws:sagemaker:eu-west-1:444444444444:pipeline/mammography-train"] },
      { sid = "FindCandidates", actions = ["sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages"], resources = ["arn:aws:sagemaker:eu-west-1:222222222222:model-package-group/mammography", "arn:aws:sagemaker:eu-west-1:222222222222:model-package/mammography/*"] },
      { sid = "HandInRecords", actions = ["lambda:InvokeFunction"], resources = ["arn:aws:lambda:eu-west-1:222222222222:function:acme-ml-registry-ledger-prod"] },
      { sid = "KeepFailedEvents", actions = ["sqs:SendMessage"], resources = ["arn:aws:sqs:eu-west-1:444444444444:acme-ml-prod-start-retrain-dlq"] },
    ])
    error_message = "The function's role must have these permissions and no others."
  }

  assert {
    condition     = [module.drift[0].settings.delivery.maximum_age_seconds, module.drift[0].settings.delivery.maximum_retries, module.drift[0].settings.invocation.maximum_age_seconds, module.drift[0].settings.invocation.maximum_retries] == [3600, 10, 3600, 2]
    error_message = "Delivery must be tried again, and so must starting, for an hour."
  }

  assert {
    condition     = [module.drift[0].settings.rule, module.drift[0].settings.event_bus_name, module.drift[0].settings.function_name] == ["acme-ml-prod-retrain-on-drift", "default", "acme-ml-prod-start-retrain"]
    error_message = "The rule of drift must start the function."
  }
}

run "a_policy_of_several_batches_may_see_the_runs_that_checked_them" {
  command = plan

  variables {
    use_cases = { mammography = { model_package_group = "mammography", pipelines = { train = "mammography-train", inference = "mammography-inference" }, retrain = { pipeline = "train", cooldown_minutes = 60, drifted_batches = 2, of_batches = 3 } } }
  }

  assert {
    condition = jsonencode(local.watch_statements) == jsonencode([
      { sid = "SeeEarlierBatches", actions = ["sagemaker:ListPipelineExecutionSteps", "sagemaker:ListPipelineExecutions"], resources = ["arn:aws:sagemaker:eu-west-1:444444444444:pipeline/mammography-inference", "arn:aws:sagemaker:eu-west-1:444444444444:pipeline/mammography-inference/execution/*"] },
    ])
    error_message = "The function must find the last batches' verdicts."
  }
}

run "undelivered_events_are_kept_and_alarmed" {
  command = plan

  assert {
    condition     = output.dead_letter_queue_names == { alerts = "acme-ml-prod-alerts-dlq", schedule = "acme-ml-prod-schedule-dlq", start-approved = "acme-ml-prod-start-approved-dlq", start-retrain = "acme-ml-prod-start-retrain-dlq" }
    error_message = "Each trigger needs its queue."
  }

  assert {
    condition = jsondecode(module.dead_letters["schedule"].policy).Statement == [
      {
        Sid       = "EventBridge"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = "sqs:SendMessage"
        Resource  = "arn:aws:sqs:eu-west-1:444444444444:acme-ml-prod-schedule-dlq"
        Condition = { ArnEquals = { "aws:SourceArn" = ["arn:aws:events:eu-west-1:444444444444:rule/acme-ml-prod-mammography-schedule"] } }
      },
    ]
    error_message = "The policy must hold these statements and no others."
  }

  assert {
    condition = jsondecode(module.drift[0].dead_letter_queue_policy).Statement == [
      {
        Sid       = "EventBridge"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = "sqs:SendMessage"
        Resource  = "arn:aws:sqs:eu-west-1:444444444444:acme-ml-prod-start-retrain-dlq"
        Condition = { ArnEquals = { "aws:SourceArn" = ["arn:aws:events:eu-west-1:444444444444:rule/acme-ml-prod-retrain-on-drift"] } }
      },
    ]
    error_message = "The policy must hold these statements and no others."
  }

  assert {
    condition = { for key in ["alerts", "start-approved"] : key => jsondecode(module.dead_letters[key].policy).Statement[0].Condition } == {
      alerts = { ArnEquals = { "aws:SourceArn" = [
        "arn:aws:events:eu-west-1:444444444444:rule/acme-ml-prod-pipeline-failure",
        "arn:aws:events:eu-west-1:444444444444:rule/acme-ml-prod-drift-alert",
        "arn:aws:events:eu-west-1:444444444444:rule/acme-ml-prod-approval-alert",
      ] } }
      start-approved = { ArnEquals = { "aws:SourceArn" = ["arn:aws:events:eu-west-1:444444444444:rule/acme-ml-prod-mammography-approved"] } }
    }
    error_message = "A queue takes events of its own rules only."
  }

  assert {
    condition = merge({ for key, queue in module.dead_letters : key => queue.alarm }, { start-retrain = module.drift[0].alarm }) == {
      for key in ["alerts", "schedule", "start-approved", "start-retrain"] : key => { queue = "acme-ml-prod-${key}-dlq", topic_arn = var.alerts_topic_arn }
    }
    error_message = "A queue that is not empty must alert, every one of them."
  }
}

run "failures_alert_except_the_step_that_drift_ends_in" {
  command = plan

  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.failure_alert.event_pattern) == { source = ["aws.sagemaker"], detail-type = ["SageMaker Model Building Pipeline Execution Step Status Change"], account = ["444444444444"], detail = { currentStepStatus = ["Failed"], stepName = [{ anything-but = ["DataDriftDetected"] }] } }
    error_message = "Every failed step but the drift step must alert."
  }




  assert {
    condition     = toset([aws_cloudwatch_event_target.failure_alert.target_id, aws_cloudwatch_event_target.drift_alert.target_id, aws_cloudwatch_event_target.approval_alert.target_id]) == toset(["notify"])
    error_message = "Alerts must go to the function that tells people."
  }
}

run "warnings_alert_and_start_nothing" {
  command = plan

  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.drift_alert.event_pattern) == { source = ["promotion.data-quality"], detail-type = ["Data Drift Detected", "Data Quality Warning"], account = ["444444444444"] }
    error_message = "Drift and warnings must alert."
  }
}

run "the_function_that_tells_people_may_do_that_and_nothing_else" {
  command = plan

  assert {
    condition = jsonencode(local.notify_statements) == jsonencode([
      { sid = "SendAlerts", actions = ["sns:Publish"], resources = ["arn:aws:sns:eu-west-1:444444444444:acme-ml-alerts"] },
      { sid = "EncryptAlerts", actions = ["kms:Decrypt", "kms:GenerateDataKey"], resources = ["arn:aws:kms:eu-west-1:444444444444:key/alerts"], conditions = { StringEquals = { "kms:ViaService" = ["sns.eu-west-1.amazonaws.com"] } } },
      { sid = "NoteWhatWasTold", actions = ["s3:PutObject"], resources = ["arn:aws:s3:::acme-ml-prod-data/alerts/*"], conditions = { Null = { "s3:if-none-match" = ["false"] } } },
      { sid = "ReadNotes", actions = ["s3:GetObject"], resources = ["arn:aws:s3:::acme-ml-prod-data/alerts/*"] },
      { sid = "EncryptNotes", actions = ["kms:Decrypt", "kms:GenerateDataKey"], resources = ["arn:aws:kms:eu-west-1:444444444444:key/data"], conditions = { StringEquals = { "kms:ViaService" = ["s3.eu-west-1.amazonaws.com"] } } },
      { sid = "KeepFailedEvents", actions = ["sqs:SendMessage"], resources = ["arn:aws:sqs:eu-west-1:444444444444:acme-ml-prod-alerts-dlq"] },
    ])
    error_message = "The function's role must have these permissions and no others."
  }

  assert {
    condition = { for key, permission in aws_lambda_permission.notify : key => permission.source_arn } == {
      approval-alert = "arn:aws:events:eu-west-1:444444444444:rule/acme-ml-prod-approval-alert"
      drift-alert    = "arn:aws:events:eu-west-1:444444444444:rule/acme-ml-prod-drift-alert"
      failure-alert  = "arn:aws:events:eu-west-1:444444444444:rule/acme-ml-prod-pipeline-failure"
    }
    error_message = "Only the three alert rules may invoke it."
  }
}

run "without_schedule_and_retrain_there_are_alerts_only" {
  command = plan

  variables {
    use_cases = {
      mammography = { model_package_group = "mammography", pipelines = { train = "mammography-train", inference = "mammography-inference" } }
    }
  }

  assert {
    condition     = length(aws_cloudwatch_event_rule.schedule) + length(module.drift) + length(aws_cloudwatch_event_rule.approved) + length(aws_iam_role.target) + length(module.start_retrain) == 0 && keys(module.dead_letters) == ["alerts"] && keys(output.dead_letter_queue_names) == ["alerts"]
    error_message = "Nothing may start by itself."
  }

}

run "drift_on_a_bus_of_its_own" {
  command = plan

  variables {
    event_bus_name = "ml"
  }

  assert {
    condition     = module.drift[0].settings.event_bus_name == "ml" && aws_cloudwatch_event_rule.drift_alert.event_bus_name == "ml"
    error_message = "Drift rules must listen on the given bus."
  }

  assert {
    condition     = jsondecode(module.drift[0].dead_letter_queue_policy).Statement[0].Condition.ArnEquals["aws:SourceArn"] == ["arn:aws:events:eu-west-1:444444444444:rule/ml/acme-ml-prod-retrain-on-drift"]
    error_message = "The queue must take events of that bus's rule."
  }

  assert {
    condition     = jsondecode(module.dead_letters["alerts"].policy).Statement[0].Condition.ArnEquals["aws:SourceArn"][1] == "arn:aws:events:eu-west-1:444444444444:rule/ml/acme-ml-prod-drift-alert"
    error_message = "The queue must take events of that bus's rule."
  }

  assert {
    condition     = aws_cloudwatch_event_bus_policy.default.event_bus_name == "default" && aws_cloudwatch_event_rule.approval_alert.event_bus_name == null
    error_message = "SageMaker's events, and those that the registry forwards, arrive on the default bus."
  }
}
