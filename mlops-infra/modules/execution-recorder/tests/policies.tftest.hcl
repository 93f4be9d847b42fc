mock_provider "aws" {
  mock_resource "aws_sqs_queue" {
    defaults = { arn = "arn:aws:sqs:eu-west-1:444444444444:acme-ml-prod-record-execution-dlq" }
  }
}

variables {
  name_prefix              = "acme-ml-prod"
  environment              = "prod"
  account_id               = "444444444444"
  region                   = "eu-west-1"
  registry_account_id      = "222222222222"
  ledger_function_name     = "acme-ml-registry-ledger"
  lambda_role_name         = "lambda-sagemaker-role"
  permissions_boundary_arn = "arn:aws:iam::444444444444:policy/acme-ml-prod-boundary"
  lambda_package           = "../lambda-function/tests/empty.zip"
  data_bucket              = "acme-ml-prod-data"
  artifact_bucket          = "acme-ml-model-artifacts"
  kms_key_arn              = "arn:aws:kms:eu-west-1:444444444444:key/11111111-2222-3333-4444-555555555555"
  alerts_topic_arn         = "arn:aws:sns:eu-west-1:444444444444:acme-ml-alerts"
  pipelines                = { mammography = { train = "mammography-train", inference = "mammography-inference" } }
}

run "function_reads_what_ran_and_hands_it_in" {
  command = plan

  assert {
    condition = jsonencode(local.function_statements) == jsonencode([
      {
        sid = "ReadExecutions"
        actions = [
          "sagemaker:DescribePipelineDefinitionForExecution", "sagemaker:DescribePipelineExecution",
          "sagemaker:ListPipelineExecutionSteps", "sagemaker:ListPipelineParametersForExecution",
        ]
        resources = [
          "arn:aws:sagemaker:eu-west-1:444444444444:pipeline/mammography-inference", "arn:aws:sagemaker:eu-west-1:444444444444:pipeline/mammography-train",
          "arn:aws:sagemaker:eu-west-1:444444444444:pipeline/mammography-inference/execution/*", "arn:aws:sagemaker:eu-west-1:444444444444:pipeline/mammography-train/execution/*",
        ]
      },
      {
        sid       = "ReadReleaseTags"
        actions   = ["sagemaker:ListTags"]
        resources = ["arn:aws:sagemaker:eu-west-1:444444444444:pipeline/mammography-inference", "arn:aws:sagemaker:eu-west-1:444444444444:pipeline/mammography-train"]
      },
      {
        sid     = "ReadJobs"
        actions = ["sagemaker:DescribeProcessingJob", "sagemaker:DescribeTrainingJob", "sagemaker:DescribeTransformJob"]
        resources = [
          "arn:aws:sagemaker:eu-west-1:444444444444:processing-job/pipelines-*",
          "arn:aws:sagemaker:eu-west-1:444444444444:training-job/pipelines-*",
          "arn:aws:sagemaker:eu-west-1:444444444444:transform-job/pipelines-*",
        ]
      },
      {
        sid       = "ReadDataVersionsAndMetrics"
        actions   = ["s3:GetObject"]
        resources = ["arn:aws:s3:::acme-ml-prod-data/mammography/*", "arn:aws:s3:::acme-ml-model-artifacts/prod/mammography/*"]
      },
      {
        sid        = "FindData"
        actions    = ["s3:ListBucket"]
        resources  = ["arn:aws:s3:::acme-ml-prod-data"]
        conditions = { StringLike = { "s3:prefix" = ["mammography/*"] } }
      },
      {
        sid        = "Decrypt"
        actions    = ["kms:Decrypt"]
        resources  = ["arn:aws:kms:eu-west-1:444444444444:key/11111111-2222-3333-4444-555555555555", "arn:aws:kms:eu-west-1:222222222222:key/*"]
        conditions = { StringEquals = { "kms:ViaService" = ["s3.eu-west-1.amazonaws.com"] } }
      },
      { sid = "HandInRecords", actions = ["lambda:InvokeFunction"], resources = ["arn:aws:lambda:eu-west-1:222222222222:function:acme-ml-registry-ledger"] },
      { sid = "KeepFailedEvents", actions = ["sqs:SendMessage"], resources = ["arn:aws:sqs:eu-west-1:444444444444:acme-ml-prod-record-execution-dlq"] },
    ])
    error_message = "The function's role must have these permissions and no others."
  }

  assert {
    condition     = local.use_case_of == { mammography-train = "mammography", mammography-inference = "mammography" }
    error_message = "The function must know the use case of each pipeline."
  }
}

run "every_end_of_our_executions_is_recorded" {
  command = plan

  assert {
    condition = module.ended.settings.event_pattern == {
      source      = ["aws.sagemaker"]
      detail-type = ["SageMaker Model Building Pipeline Execution Status Change"]
      account     = ["444444444444"]
      detail = {
        currentPipelineExecutionStatus = ["Failed", "Stopped", "Succeeded"]
        pipelineArn                    = ["arn:aws:sagemaker:eu-west-1:444444444444:pipeline/mammography-inference", "arn:aws:sagemaker:eu-west-1:444444444444:pipeline/mammography-train"]
      }
    }
    error_message = "Every end of an execution of the platform's pipelines, and nothing else, must be recorded."
  }

  # What a trigger lets in besides, its own tests assert.
  assert {
    condition     = [module.ended.settings.rule, module.ended.settings.event_bus_name, module.ended.settings.function_name] == ["acme-ml-prod-record-execution", "default", "acme-ml-prod-record-execution"]
    error_message = "EventBridge alone may invoke the function, for this rule."
  }

  assert {
    condition     = [module.ended.settings.delivery.maximum_age_seconds, module.ended.settings.delivery.maximum_retries, module.ended.settings.invocation.maximum_age_seconds] == [86400, 185, 21600]
    error_message = "Delivery must be tried for a day, and running the function for as long as Lambda offers."
  }
}

run "what_cannot_be_recorded_is_kept_and_alarmed" {
  command = plan

  assert {
    condition = jsondecode(module.ended.dead_letter_queue_policy).Statement == [
      {
        Sid       = "EventBridge"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = "sqs:SendMessage"
        Resource  = "arn:aws:sqs:eu-west-1:444444444444:acme-ml-prod-record-execution-dlq"
        Condition = { ArnEquals = { "aws:SourceArn" = ["arn:aws:events:eu-west-1:444444444444:rule/acme-ml-prod-record-execution"] } }
      },
    ]
    error_message = "The policy must hold these statements and no others."
  }

  assert {
    condition     = module.ended.alarm == { queue = "acme-ml-prod-record-execution-dlq", topic_arn = var.alerts_topic_arn }
    error_message = "A queue that is not empty must alert."
  }
}
