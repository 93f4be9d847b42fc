mock_provider "aws" {
  mock_resource "aws_sqs_queue" {
    defaults = { arn = "arn:aws:sqs:eu-west-1:222222222222:acme-ml-registry-approval-review-dlq" }
  }
}

variables {
  name_prefix              = "acme-ml-registry"
  account_id               = "222222222222"
  region                   = "eu-west-1"
  lambda_role_name         = "lambda-sagemaker-role"
  permissions_boundary_arn = "arn:aws:iam::222222222222:policy/acme-ml-registry-boundary"
  lambda_package           = "../lambda-function/tests/empty.zip"
  kms_key_arn              = "arn:aws:kms:eu-west-1:222222222222:key/11111111-2222-3333-4444-555555555555"
  alerts_topic_arn         = "arn:aws:sns:eu-west-1:222222222222:acme-ml-alerts"
  alerts_key_arn           = "arn:aws:kms:eu-west-1:222222222222:key/22222222-2222-3333-4444-555555555555"
  ledger_table             = "acme-ml-ledger"
  artifact_bucket          = "acme-ml-model-artifacts"
  environments             = ["tooling", "dev", "prod"]
  use_cases                = { mammography = { model_package_group = "mammography", approval = { minimum = { auc = 0.85 } } } }
}

run "function_reads_what_an_approver_reads_and_tells" {
  command = plan

  assert {
    condition = jsonencode(local.statements) == jsonencode([
      { sid = "ReadModelVersions", actions = ["sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages"], resources = ["arn:aws:sagemaker:eu-west-1:222222222222:model-package-group/mammography", "arn:aws:sagemaker:eu-west-1:222222222222:model-package/mammography/*"] },
      { sid = "ReadArtifacts", actions = ["s3:GetObject"], resources = ["arn:aws:s3:::acme-ml-model-artifacts/*/mammography/*"] },
      { sid = "FindReleases", actions = ["s3:ListBucket"], resources = ["arn:aws:s3:::acme-ml-model-artifacts"], conditions = { StringLike = { "s3:prefix" = ["releases/*"] } } },
      { sid = "ReadLedger", actions = ["dynamodb:Query"], resources = ["arn:aws:dynamodb:eu-west-1:222222222222:table/acme-ml-ledger"] },
      { sid = "NoteWhatWasTold", actions = ["s3:PutObject"], resources = ["arn:aws:s3:::acme-ml-model-artifacts/alerts/*"], conditions = { Null = { "s3:if-none-match" = ["false"] } } },
      { sid = "ReadNotes", actions = ["s3:GetObject"], resources = ["arn:aws:s3:::acme-ml-model-artifacts/alerts/*"] },
      { sid = "EncryptNotes", actions = ["kms:GenerateDataKey"], resources = [var.kms_key_arn], conditions = { StringEquals = { "kms:ViaService" = ["s3.eu-west-1.amazonaws.com"] } } },
      { sid = "UseDataKey", actions = ["kms:Decrypt"], resources = [var.kms_key_arn], conditions = { StringEquals = { "kms:ViaService" = ["dynamodb.eu-west-1.amazonaws.com", "s3.eu-west-1.amazonaws.com"] } } },
      { sid = "Alert", actions = ["sns:Publish"], resources = [var.alerts_topic_arn] },
      { sid = "EncryptAlerts", actions = ["kms:Decrypt", "kms:GenerateDataKey"], resources = [var.alerts_key_arn], conditions = { StringEquals = { "kms:ViaService" = ["sns.eu-west-1.amazonaws.com"] } } },
      { sid = "KeepFailedEvents", actions = ["sqs:SendMessage"], resources = ["arn:aws:sqs:eu-west-1:222222222222:acme-ml-registry-approval-review-dlq"] },
    ])
    error_message = "The function's role must have these permissions and no others."
  }
}

run "every_decision_on_the_groups_is_told_and_kept_when_that_fails" {
  command = plan

  assert {
    condition = module.approvals.settings.event_pattern == {
      source      = ["aws.sagemaker"]
      detail-type = ["SageMaker Model Package State Change"]
      account     = ["222222222222"]
      detail = {
        ModelPackageGroupName     = ["mammography"]
        ModelApprovalStatus       = ["Approved", "Rejected"]
        UpdatedModelPackageFields = ["ModelApprovalStatus"]
      }
    }
    error_message = "Every decision, and nothing else, must be told."
  }

  assert {
    condition     = [module.approvals.settings.rule, module.approvals.settings.event_bus_name, module.approvals.settings.function_name] == ["acme-ml-registry-approval-review", "default", "acme-ml-registry-approval-review"]
    error_message = "EventBridge may invoke the function for the rule of decisions only."
  }

  assert {
    condition     = module.approvals.alarm == { queue = "acme-ml-registry-approval-review-dlq", topic_arn = var.alerts_topic_arn }
    error_message = "A queue that is not empty must alert."
  }
}

run "refused_versions_go_back_to_pending_where_the_file_asks_for_it" {
  command = plan

  variables {
    use_cases = {
      mammography = { model_package_group = "mammography", approval = { reopen = true } }
      lungs       = { model_package_group = "chest-lungs" }
    }
  }

  assert {
    condition = jsonencode([for statement in local.statements : statement if contains(statement.actions, "sagemaker:UpdateModelPackage")]) == jsonencode([
      { sid = "Reopen", actions = ["sagemaker:UpdateModelPackage"], resources = ["arn:aws:sagemaker:eu-west-1:222222222222:model-package/mammography/*"], conditions = { StringEquals = { "sagemaker:ModelApprovalStatus" = ["PendingManualApproval"] } } },
    ])
    error_message = "It may put back versions of that use case, and do nothing else to them."
  }
}
