# Each validation refuses one bad value; the good values above and in `accepts_*` pass.

mock_provider "aws" {}

variables {
  name              = "acme-ml-prod-alerts-dlq"
  account_id        = "444444444444"
  region            = "eu-west-1"
  rule_arns         = ["arn:aws:events:eu-west-1:444444444444:rule/acme-ml-prod-drift-alert"]
  alarm_description = "Events could not be delivered. Read them in the queue."
  alerts_topic_arn  = "arn:aws:sns:eu-west-1:444444444444:acme-ml-alerts"
}

run "accepts_good_values" {
  command = plan
}

run "accepts_the_longest_name_and_text_and_a_rule_of_another_bus" {
  command = plan

  variables {
    name              = join("", [for index in range(80) : "q"])
    alarm_description = join("", [for index in range(1024) : "x"])
    rule_arns         = ["arn:aws:events:eu-west-1:444444444444:rule/ml/acme-ml-prod-drift-alert"]
  }
}

# One bad value for every variable that is checked on its own: each must be reported.
run "rejects_a_bad_value_of_every_variable" {
  command = plan

  variables {
    name              = "dead letters"
    account_id        = "44444444444"
    region            = "eu west 1"
    rule_arns         = ["arn:aws:events:eu-west-1:444444444444:rule/*"]
    alarm_description = ""
    alerts_topic_arn  = "arn:aws:sqs:eu-west-1:444444444444:alerts"
  }

  expect_failures = [
    var.name,
    var.account_id,
    var.region,
    var.rule_arns,
    var.alarm_description,
    var.alerts_topic_arn,
  ]
}

run "rejects_a_queue_that_nothing_feeds" {
  command = plan

  variables {
    rule_arns = []
  }

  expect_failures = [var.rule_arns]
}

run "rejects_a_name_and_a_text_that_are_too_long" {
  command = plan

  variables {
    name              = join("", [for index in range(81) : "q"])
    alarm_description = "x${join("", [for index in range(1024) : "x"])}"
  }

  expect_failures = [var.name, var.alarm_description]
}
