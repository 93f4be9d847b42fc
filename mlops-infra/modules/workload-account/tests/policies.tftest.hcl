mock_provider "aws" {}

variables {
  project         = "acme-ml"
  environment     = "prod"
  account_id      = "444444444444"
  region          = "eu-west-1"
  linked_accounts = { tooling = "111111111111", registry = "222222222222", dev = "333333333333" }
  buckets         = { state = "acme-ml-prod-tfstate", data = "acme-ml-prod-data", artifacts = "acme-ml-model-artifacts" }
  log_bucket      = "acme-ml-prod-logs"
  roles = {
    jenkins     = "jenkins-role"
    deploy      = "cross-account-jenkins-role"
    plan        = "jenkins-plan-role"
    execution   = "sagemaker-execution-role"
    lambda      = "lambda-sagemaker-role"
    events      = "eventbridge-sagemaker-role"
    approver    = "model-approver-role"
    auditor     = "model-auditor-role"
    break_glass = "break-glass-role"
  }
  event_bus = "default"
  alerts    = { topic = "acme-ml-alerts", emails = ["ml-platform@example.com"] }
  images    = { xgboost = "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-xgboost:1.7-1" }
  use_cases = {
    mammography = {
      model_package_group = "mammography"
      pipelines           = { train = "mammography-train", inference = "mammography-inference" }
      parameters          = { train = { MinimumAuc = 0.85, TrainingInstanceType = "ml.m5.large" } }
      schedule            = { pipeline = "inference", expression = "cron(0 6 * * ? *)" }
      retrain             = { pipeline = "train", cooldown_minutes = 60 }
    }
  }
  lambda_package = "../lambda-function/tests/empty.zip"
}

run "names" {
  command = plan

  assert {
    condition     = local.name_prefix == "acme-ml-prod"
    error_message = "Names start with project and environment."
  }
}

run "account_without_schedule_and_retrain" {
  command = plan

  variables {
    use_cases = {
      mammography = { model_package_group = "mammography", pipelines = { train = "mammography-train" } }
    }
  }

  assert {
    condition     = module.pipeline_triggers.start_retrain_function_arn == null && length(module.pipeline_triggers.schedule_rule_arns) == 0
    error_message = "Nothing may start by itself."
  }
}

run "studio_is_off_unless_the_environment_asks_for_it" {
  command = plan

  assert {
    condition     = length(module.studio) == 0
    error_message = "Without the key studio there is no domain."
  }
}

run "studio_with_the_key" {
  command = plan

  variables {
    studio = { vpc_id = "vpc-0123456789abcdef0", subnet_ids = ["subnet-0123456789abcdef0"] }
  }

  assert {
    condition     = length(module.studio) == 1
    error_message = "With the key studio there is one domain."
  }
}

run "every_function_and_queue_is_watched" {
  command = plan

  assert {
    condition     = module.pipeline_triggers.dead_letter_queue_names == { alerts = "acme-ml-prod-alerts-dlq", schedule = "acme-ml-prod-schedule-dlq", start-retrain = "acme-ml-prod-start-retrain-dlq" }
    error_message = "Each kind of target needs its queue."
  }

  assert {
    condition     = module.observability.dashboard_name == "acme-ml-prod"
    error_message = "The environment needs its dashboard."
  }
}
