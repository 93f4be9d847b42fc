locals {
  # What feeds each queue: the rules whose targets name it.
  queue_sources = {
    for key, sources in {
      alerts = [
        "${local.default_rules}/${local.rule_names.failure_alert}",
        "${local.drift_rules}/${local.rule_names.drift_alert}",
        "${local.default_rules}/${local.rule_names.approval_alert}",
      ]
      schedule       = local.schedule_rule_arns
      start-approved = local.approved_rule_arns
    } : key => sources if length(sources) > 0
  }

  undelivered_text = "Events of %s could not be delivered. Read them in the queue, remove the cause, do by hand what the event should have led to and purge the queue."
}

module "dead_letters" {
  source   = "../dead-letter-queue"
  for_each = local.queue_sources

  name              = "${var.name_prefix}-${each.key}-dlq"
  account_id        = var.account_id
  region            = var.region
  rule_arns         = each.value
  alarm_description = format(local.undelivered_text, "${var.name_prefix}-${each.key}-dlq")
  alerts_topic_arn  = var.alerts_topic_arn
}
