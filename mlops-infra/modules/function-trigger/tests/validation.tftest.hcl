# Each validation refuses one bad value; the good values above and in `accepts_*` pass.

mock_provider "aws" {}

variables {
  name              = "acme-ml-prod-retrain-on-drift"
  description       = "Starts training for a use case whose batch has drifted"
  account_id        = "444444444444"
  region            = "eu-west-1"
  event_bus_name    = "ml"
  event_pattern     = "{\"source\":[\"promotion.data-quality\"],\"account\":[\"444444444444\"]}"
  target_id         = "start-retrain"
  statement_id      = "drift-rule"
  function          = { arn = "arn:aws:lambda:eu-west-1:444444444444:function:acme-ml-prod-start-retrain", name = "acme-ml-prod-start-retrain" }
  delivery          = { maximum_age_seconds = 3600, maximum_retries = 10 }
  invocation        = { maximum_age_seconds = 7200 }
  queue_name        = "acme-ml-prod-start-retrain-dlq"
  alarm_description = "Training was not started. Read the event in the queue."
  alerts_topic_arn  = "arn:aws:sns:eu-west-1:444444444444:acme-ml-alerts"
}

run "accepts_good_values" {
  command = plan
}

run "accepts_the_longest_tries" {
  command = plan

  variables {
    delivery   = { maximum_age_seconds = 86400, maximum_retries = 185 }
    invocation = { maximum_age_seconds = 21600, maximum_retries = 2 }
  }
}

run "accepts_the_shortest_tries" {
  command = plan

  variables {
    delivery   = { maximum_age_seconds = 60, maximum_retries = 0 }
    invocation = { maximum_age_seconds = 60, maximum_retries = 0 }
  }
}

# One bad value for every variable that is checked on its own: each must be reported.
run "rejects_a_bad_value_of_every_variable" {
  command = plan

  variables {
    name              = "retrain on drift"
    description       = join("", [for index in range(513) : "x"])
    account_id        = "44444444444"
    region            = "eu west 1"
    event_bus_name    = "arn:aws:events:eu-west-1:444444444444:event-bus/ml"
    event_pattern     = "source"
    target_id         = "start retrain"
    statement_id      = "drift.rule"
    function          = { arn = "acme-ml-prod-start-retrain", name = "acme-ml-prod-start-retrain" }
    delivery          = { maximum_age_seconds = 86401, maximum_retries = 10 }
    invocation        = { maximum_age_seconds = 21601 }
    queue_name        = "dead letters"
    alarm_description = ""
    alerts_topic_arn  = "arn:aws:sqs:eu-west-1:444444444444:alerts"
  }

  expect_failures = [
    var.name,
    var.description,
    var.account_id,
    var.region,
    var.event_bus_name,
    var.event_pattern,
    var.target_id,
    var.statement_id,
    var.function,
    var.delivery,
    var.invocation,
    var.queue_name,
    var.alarm_description,
    var.alerts_topic_arn,
  ]
}

run "rejects_a_pattern_of_any_account_and_a_bus_of_a_partner" {
  command = plan

  variables {
    event_pattern  = "{\"source\":[\"aws.sagemaker\"]}"
    event_bus_name = "aws.partner/example"
  }

  expect_failures = [var.event_pattern, var.event_bus_name]
}

run "rejects_a_version_of_a_function_and_too_many_tries" {
  command = plan

  variables {
    function   = { arn = "arn:aws:lambda:eu-west-1:444444444444:function:acme-ml-prod-start-retrain:1", name = "acme-ml-prod-start-retrain" }
    delivery   = { maximum_age_seconds = 3600, maximum_retries = 186 }
    invocation = { maximum_age_seconds = 3600, maximum_retries = 3 }
  }

  expect_failures = [var.function, var.delivery, var.invocation]
}

run "rejects_a_name_of_a_function_with_a_space" {
  command = plan

  variables {
    function = { arn = "arn:aws:lambda:eu-west-1:444444444444:function:acme-ml-prod-start-retrain", name = "start retrain" }
  }

  expect_failures = [var.function]
}

run "rejects_no_time_to_deliver" {
  command = plan

  variables {
    delivery   = { maximum_age_seconds = 59, maximum_retries = 10 }
    invocation = { maximum_age_seconds = 59 }
  }

  expect_failures = [var.delivery, var.invocation]
}
