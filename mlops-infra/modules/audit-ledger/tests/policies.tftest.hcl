mock_provider "aws" {
  mock_resource "aws_dynamodb_table" {
    defaults = { arn = "arn:aws:dynamodb:eu-west-1:222222222222:table/acme-ml-ledger" }
  }
  mock_resource "aws_sqs_queue" {
    defaults = { arn = "arn:aws:sqs:eu-west-1:222222222222:acme-ml-registry-ledger-dlq" }
  }
}

variables {
  name_prefix              = "acme-ml-registry"
  environment              = "registry"
  account_id               = "222222222222"
  region                   = "eu-west-1"
  table_name               = "acme-ml-ledger"
  kms_key_arn              = "arn:aws:kms:eu-west-1:222222222222:key/11111111-2222-3333-4444-555555555555"
  lambda_role_name         = "lambda-sagemaker-role"
  permissions_boundary_arn = "arn:aws:iam::222222222222:policy/acme-ml-registry-boundary"
  lambda_package           = "../lambda-function/tests/empty.zip"
  break_glass_role_name    = "break-glass-role"
  model_package_groups     = { mammography = "mammography", lungs = "chest-lungs" }
  writer_accounts          = { dev = "333333333333", prod = "444444444444" }
  alerts_topic_arn         = "arn:aws:sns:eu-west-1:222222222222:acme-ml-alerts"
}

run "table_is_kept_encrypted_and_recoverable" {
  command = plan

  assert {
    condition     = aws_dynamodb_table.this.name == "acme-ml-ledger" && aws_dynamodb_table.this.billing_mode == "PAY_PER_REQUEST"
    error_message = "The table must have the given name and be paid by request."
  }

  assert {
    condition     = aws_dynamodb_table.this.hash_key == "series" && aws_dynamodb_table.this.range_key == "place"
    error_message = "The keys must be those that the function uses."
  }

  assert {
    condition     = aws_dynamodb_table.this.deletion_protection_enabled && aws_dynamodb_table.this.point_in_time_recovery[0].enabled
    error_message = "The table must refuse to be deleted and keep backups."
  }

  assert {
    condition     = aws_dynamodb_table.this.server_side_encryption[0].enabled && aws_dynamodb_table.this.server_side_encryption[0].kms_key_arn == var.kms_key_arn
    error_message = "The registry's key must encrypt the table."
  }

  assert {
    condition     = length(aws_dynamodb_table.this.ttl) == 0 && !coalesce(aws_dynamodb_table.this.stream_enabled, false)
    error_message = "Nothing may expire, and nothing is streamed."
  }
}

run "nobody_but_break_glass_changes_and_the_function_alone_writes" {
  command = plan

  assert {
    condition = jsonencode(local.table_statements) == jsonencode([
      {
        Sid       = "AppendOnly"
        Effect    = "Deny"
        Principal = "*"
        Action = [
          "dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:PartiQLDelete", "dynamodb:PartiQLInsert",
          "dynamodb:PartiQLUpdate", "dynamodb:UpdateItem", "dynamodb:UpdateTimeToLive",
        ]
        Resource  = "arn:aws:dynamodb:eu-west-1:222222222222:table/acme-ml-ledger"
        Condition = { ArnNotEquals = { "aws:PrincipalArn" = "arn:aws:iam::222222222222:role/break-glass-role" } }
      },
      {
        Sid       = "OnlyFunctionsWrite"
        Effect    = "Deny"
        Principal = "*"
        Action    = "dynamodb:PutItem"
        Resource  = "arn:aws:dynamodb:eu-west-1:222222222222:table/acme-ml-ledger"
        Condition = { ArnNotEquals = { "aws:PrincipalArn" = ["arn:aws:iam::222222222222:role/lambda-sagemaker-role-ledger", "arn:aws:iam::222222222222:role/lambda-sagemaker-role-ledger-dev", "arn:aws:iam::222222222222:role/lambda-sagemaker-role-ledger-prod", "arn:aws:iam::222222222222:role/break-glass-role"] } }
      },
      {
        Sid       = "KeepTable"
        Effect    = "Deny"
        Principal = "*"
        Action    = ["dynamodb:DeleteResourcePolicy", "dynamodb:DeleteTable", "dynamodb:UpdateContinuousBackups"]
        Resource  = "arn:aws:dynamodb:eu-west-1:222222222222:table/acme-ml-ledger"
        Condition = { ArnNotEquals = { "aws:PrincipalArn" = "arn:aws:iam::222222222222:role/break-glass-role" } }
      },
    ])
    error_message = "The policy must hold these statements and no others."
  }

  assert {
    condition     = jsondecode(aws_dynamodb_resource_policy.this.policy).Statement == jsondecode(jsonencode(local.table_statements))
    error_message = "The table must have the policy."
  }
}

run "without_protection_the_table_can_go_and_still_only_grows" {
  command = plan

  variables {
    deletion_protection = false
  }

  assert {
    condition     = !aws_dynamodb_table.this.deletion_protection_enabled && [for statement in local.table_statements : statement.Sid] == ["AppendOnly", "OnlyFunctionsWrite"]
    error_message = "Only what keeps the table itself may be gone."
  }
}

run "function_appends_and_reads_who_decided" {
  command = plan

  assert {
    condition = jsonencode(local.function_statements) == jsonencode([
      { sid = "Append", actions = ["dynamodb:PutItem", "dynamodb:Query"], resources = ["arn:aws:dynamodb:eu-west-1:222222222222:table/acme-ml-ledger"] },
      {
        sid        = "UseTableKey"
        actions    = ["kms:Decrypt"]
        resources  = ["arn:aws:kms:eu-west-1:222222222222:key/11111111-2222-3333-4444-555555555555"]
        conditions = { StringEquals = { "kms:ViaService" = ["dynamodb.eu-west-1.amazonaws.com"] } }
      },
      {
        sid       = "ReadWhoDecided"
        actions   = ["sagemaker:DescribeModelPackage"]
        resources = ["arn:aws:sagemaker:eu-west-1:222222222222:model-package/chest-lungs/*", "arn:aws:sagemaker:eu-west-1:222222222222:model-package/mammography/*"]
      },
      { sid = "KeepFailedEvents", actions = ["sqs:SendMessage"], resources = ["arn:aws:sqs:eu-west-1:222222222222:acme-ml-registry-ledger-dlq"] },
    ])
    error_message = "The function's role must have these permissions and no others."
  }

  assert {
    condition     = [for statement in local.append_statements : statement.sid] == ["Append", "UseTableKey"]
    error_message = "A function of an account appends, and reads no model version."
  }

  assert {
    condition     = module.function.name == "acme-ml-registry-ledger"
    error_message = "Other accounts derive the function's name."
  }
}

run "linked_accounts_and_this_rule_may_invoke_and_nobody_else" {
  command = plan

  assert {
    condition     = { for name, permission in aws_lambda_permission.accounts : name => [permission.statement_id, permission.action, permission.principal] } == { dev = ["append-from-dev", "lambda:InvokeFunction", "arn:aws:iam::333333333333:root"], prod = ["append-from-prod", "lambda:InvokeFunction", "arn:aws:iam::444444444444:root"] }
    error_message = "Each writer account needs its permission, and no other account has one."
  }

  assert {
    condition     = { for name, permission in aws_lambda_permission.accounts : name => permission.function_name } == { dev = "acme-ml-registry-ledger-dev", prod = "acme-ml-registry-ledger-prod" }
    error_message = "No account may invoke the function of decisions, or of another account."
  }

  # What a trigger lets in besides, its own tests assert.
  assert {
    condition     = [module.decisions.settings.rule, module.decisions.settings.event_bus_name, module.decisions.settings.function_name] == ["acme-ml-registry-ledger-decisions", "default", "acme-ml-registry-ledger"]
    error_message = "EventBridge may invoke the function for the rule of decisions only."
  }
}

run "decisions_of_the_groups_are_recorded_and_kept_when_they_fail" {
  command = plan

  assert {
    condition = module.decisions.settings.event_pattern == {
      source      = ["aws.sagemaker"]
      detail-type = ["SageMaker Model Package State Change"]
      account     = ["222222222222"]
      detail = {
        ModelPackageGroupName = ["chest-lungs", "mammography"]
        ModelApprovalStatus   = ["Approved", "PendingManualApproval", "Rejected"]
      }
    }
    error_message = "Every decision about the groups, and nothing else, must be recorded."
  }

  assert {
    condition     = [module.decisions.settings.delivery.maximum_age_seconds, module.decisions.settings.delivery.maximum_retries, module.decisions.settings.invocation.maximum_age_seconds] == [86400, 185, 21600]
    error_message = "Delivery must be tried for a day, and running the function for as long as Lambda offers."
  }

  assert {
    condition = jsondecode(module.decisions.dead_letter_queue_policy).Statement == [
      {
        Sid       = "EventBridge"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = "sqs:SendMessage"
        Resource  = "arn:aws:sqs:eu-west-1:222222222222:acme-ml-registry-ledger-dlq"
        Condition = { ArnEquals = { "aws:SourceArn" = ["arn:aws:events:eu-west-1:222222222222:rule/acme-ml-registry-ledger-decisions"] } }
      },
    ]
    error_message = "The policy must hold these statements and no others."
  }

  assert {
    condition     = module.decisions.alarm == { queue = "acme-ml-registry-ledger-dlq", topic_arn = var.alerts_topic_arn }
    error_message = "A queue that is not empty must alert."
  }
}

run "the_functions_own_account_needs_no_permission_of_the_function" {
  command = plan

  variables {
    writer_accounts = { dev = "333333333333", registry = "222222222222" }
  }

  assert {
    condition     = keys(module.stated) == ["dev", "registry"] && keys(aws_lambda_permission.accounts) == ["dev"]
    error_message = "The registry states its records through a function that its own policies let it invoke."
  }
}
