# Each validation refuses one bad value; the good values above and in `accepts_*` pass.

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

run "accepts_good_values" {
  command = plan
}

run "accepts_rate_of_one_hour" {
  command = plan

  variables {
    use_cases = { mammography = { model_package_group = "mammography", pipelines = { inference = "m-inference" }, schedule = { pipeline = "inference", expression = "rate(1 hour)" } } }
  }
}

run "accepts_rate_of_several_minutes" {
  command = plan

  variables {
    use_cases = { mammography = { model_package_group = "mammography", pipelines = { inference = "m-inference" }, schedule = { pipeline = "inference", expression = "rate(15 minutes)" } } }
  }
}

run "accepts_cron_on_weekdays" {
  command = plan

  variables {
    use_cases = { mammography = { model_package_group = "mammography", pipelines = { inference = "m-inference" }, schedule = { pipeline = "inference", expression = "cron(0/15 8-17 ? * MON-FRI *)" } } }
  }
}

run "accepts_cron_on_the_last_day" {
  command = plan

  variables {
    use_cases = { mammography = { model_package_group = "mammography", pipelines = { inference = "m-inference" }, schedule = { pipeline = "inference", expression = "cron(0,30 6 L * ? 2026-2030)" } } }
  }
}

# One bad value for every variable that is checked on its own: each must be reported.
run "rejects_a_bad_value_of_every_variable" {
  command = plan

  variables {
    name_prefix              = "Acme-prod"
    environment              = "Prod"
    account_id               = "44444444444"
    region                   = "eu west 1"
    event_bus_name           = "aws.partner/acme"
    registry_account_id      = "22222222222"
    lambda_role_name         = "path/role"
    events_role_name         = "path/role"
    permissions_boundary_arn = "acme-ml-prod-boundary"
    lambda_package           = "handlers.tar"
    alerts_topic_arn         = "arn:aws:sqs:eu-west-1:444444444444:alerts"
    alerts_key_arn           = "alias/alerts"
    data_bucket              = "Data"
    kms_key_arn              = "alias/data"
    ledger_function_name     = "arn:aws:lambda:eu-west-1:222222222222:function:ledger"
    drift_step_name          = "Data Drift"
    use_cases                = { Mammography = { model_package_group = "mammography", pipelines = { train = "mammography-train" } } }
    log_retention_days       = 42
  }

  expect_failures = [
    var.name_prefix,
    var.environment,
    var.account_id,
    var.region,
    var.registry_account_id,
    var.event_bus_name,
    var.lambda_role_name,
    var.events_role_name,
    var.permissions_boundary_arn,
    var.lambda_package,
    var.alerts_topic_arn,
    var.alerts_key_arn,
    var.data_bucket,
    var.kms_key_arn,
    var.ledger_function_name,
    var.drift_step_name,
    var.use_cases,
    var.log_retention_days,
  ]
}

run "rejects_pipeline_in_capitals" {
  command = plan

  variables {
    use_cases = { mammography = { model_package_group = "mammography", pipelines = { train = "Train" } } }
  }

  expect_failures = [var.use_cases]
}

run "rejects_schedule_of_an_unknown_pipeline" {
  command = plan

  variables {
    use_cases = { mammography = { model_package_group = "mammography", pipelines = { train = "mammography-train" }, schedule = { pipeline = "inference", expression = "rate(1 day)" } } }
  }

  expect_failures = [var.use_cases]
}

run "rejects_retrain_of_an_unknown_pipeline" {
  command = plan

  variables {
    use_cases = { mammography = { model_package_group = "mammography", pipelines = { train = "mammography-train" }, retrain = { pipeline = "retrain", cooldown_minutes = 60 } } }
  }

  expect_failures = [var.use_cases]
}

run "accepts_two_of_three_batches" {
  command = plan

  variables {
    use_cases = { mammography = { model_package_group = "mammography", pipelines = { train = "mammography-train" }, retrain = { pipeline = "train", cooldown_minutes = 60, drifted_batches = 2, of_batches = 3 } } }
  }
}

run "rejects_three_of_two_batches" {
  command = plan

  variables {
    use_cases = { mammography = { model_package_group = "mammography", pipelines = { train = "mammography-train" }, retrain = { pipeline = "train", cooldown_minutes = 60, drifted_batches = 3, of_batches = 2 } } }
  }

  expect_failures = [var.use_cases]
}

run "rejects_half_a_minute_of_cooldown" {
  command = plan

  variables {
    use_cases = { mammography = { model_package_group = "mammography", pipelines = { train = "mammography-train" }, retrain = { pipeline = "train", cooldown_minutes = 0.5 } } }
  }

  expect_failures = [var.use_cases]
}

run "rejects_cron_of_five_fields" {
  command = plan

  variables {
    use_cases = { mammography = { model_package_group = "mammography", pipelines = { inference = "m-inference" }, schedule = { pipeline = "inference", expression = "cron(0 6 * * *)" } } }
  }

  expect_failures = [var.use_cases]
}

run "rejects_cron_without_question_mark" {
  command = plan

  variables {
    use_cases = { mammography = { model_package_group = "mammography", pipelines = { inference = "m-inference" }, schedule = { pipeline = "inference", expression = "cron(0 6 * * * *)" } } }
  }

  expect_failures = [var.use_cases]
}

run "rejects_cron_hour_twenty_five" {
  command = plan

  variables {
    use_cases = { mammography = { model_package_group = "mammography", pipelines = { inference = "m-inference" }, schedule = { pipeline = "inference", expression = "cron(0 25 * * ? *)" } } }
  }

  expect_failures = [var.use_cases]
}

run "rejects_cron_minute_sixty" {
  command = plan

  variables {
    use_cases = { mammography = { model_package_group = "mammography", pipelines = { inference = "m-inference" }, schedule = { pipeline = "inference", expression = "cron(60 6 * * ? *)" } } }
  }

  expect_failures = [var.use_cases]
}

run "rejects_rate_of_one_days" {
  command = plan

  variables {
    use_cases = { mammography = { model_package_group = "mammography", pipelines = { inference = "m-inference" }, schedule = { pipeline = "inference", expression = "rate(1 days)" } } }
  }

  expect_failures = [var.use_cases]
}

run "rejects_bare_text_as_schedule" {
  command = plan

  variables {
    use_cases = { mammography = { model_package_group = "mammography", pipelines = { inference = "m-inference" }, schedule = { pipeline = "inference", expression = "daily" } } }
  }

  expect_failures = [var.use_cases]
}

run "rejects_start_of_an_unknown_pipeline_on_approval" {
  command = plan

  variables {
    use_cases = { mammography = { model_package_group = "mammography", pipelines = { train = "mammography-train" }, start_on_approval = "inference" } }
  }

  expect_failures = [var.use_cases]
}

run "rejects_group_with_an_underscore" {
  command = plan

  variables {
    use_cases = { mammography = { model_package_group = "mammo_graphy", pipelines = { train = "mammography-train" } } }
  }

  expect_failures = [var.use_cases]
}

run "rejects_no_use_case" {
  command = plan

  variables {
    use_cases = {}
  }

  expect_failures = [var.use_cases]
}

run "rejects_events_role_stem_that_leaves_no_room" {
  command = plan

  variables {
    events_role_name = join("", [for index in range(51) : "x"])
  }

  expect_failures = [var.events_role_name]
}
