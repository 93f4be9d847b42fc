# Each validation refuses one bad value; the good values above and in `accepts_*` pass.

mock_provider "aws" {}

variables {
  name_prefix        = "acme-ml-prod"
  region             = "eu-west-1"
  alerts_topic_arn   = "arn:aws:sns:eu-west-1:444444444444:acme-ml-alerts"
  pipeline_names     = ["mammography-train", "mammography-inference"]
  function_names     = ["acme-ml-prod-emit-drift", "acme-ml-prod-resolve-model"]
  queue_names        = ["acme-ml-prod-schedule-dlq", "acme-ml-prod-alerts-dlq"]
  drift_rule         = { name = "acme-ml-prod-drift-alert", bus = "ml" }
  approval_rule      = { name = "acme-ml-prod-approval-alert", bus = "default" }
  log_retention_days = 90
}

run "accepts_good_values" {
  command = plan
}

# One bad value for every variable that is checked on its own: each must be reported.
run "rejects_a_bad_value_of_every_variable" {
  command = plan

  variables {
    name_prefix         = "Acme-prod"
    region              = "eu west 1"
    alerts_topic_arn    = "arn:aws:sqs:eu-west-1:444444444444:alerts"
    pipeline_names      = ["Train"]
    function_names      = ["emit drift"]
    step_function_names = ["emit drift"]
    queue_names         = ["schedule.fifo queue"]
    drift_rule          = { name = "drift alert", bus = "default" }
    approval_rule       = { name = "approval alert", bus = "default" }
    log_retention_days  = 42
  }

  expect_failures = [
    var.name_prefix,
    var.region,
    var.alerts_topic_arn,
    var.pipeline_names,
    var.function_names,
    var.step_function_names,
    var.queue_names,
    var.drift_rule,
    var.approval_rule,
    var.log_retention_days,
  ]
}

run "rejects_no_pipeline" {
  command = plan

  variables {
    pipeline_names = []
  }

  expect_failures = [var.pipeline_names]
}

run "rejects_no_function" {
  command = plan

  variables {
    function_names = []
  }

  expect_failures = [var.function_names]
}

run "rejects_no_queue" {
  command = plan

  variables {
    queue_names = []
  }

  expect_failures = [var.queue_names]
}
