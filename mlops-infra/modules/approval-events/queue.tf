module "dead_letters" {
  source = "../dead-letter-queue"

  name              = "${var.name_prefix}-approval-dlq"
  account_id        = var.account_id
  region            = var.region
  rule_arns         = [local.rule_arn]
  alarm_description = "Decisions on model versions could not be delivered. Read them in the queue, remove the cause, tell the workload account or start its pipeline by hand, and purge the queue."
  alerts_topic_arn  = var.alerts_topic_arn
}
