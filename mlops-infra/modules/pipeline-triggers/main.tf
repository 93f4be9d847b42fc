locals {
  scheduled = { for name, use_case in var.use_cases : name => use_case if use_case.schedule != null }
  retrained = { for name, use_case in var.use_cases : name => use_case if use_case.retrain != null }
  approved  = { for name, use_case in var.use_cases : name => use_case if use_case.start_on_approval != null }

  pipeline_arns = {
    for name, use_case in var.use_cases : name => {
      for key, pipeline in use_case.pipelines : key => "arn:aws:sagemaker:${var.region}:${var.account_id}:pipeline/${pipeline}"
    }
  }

  # The events of promotion/handlers/emit_drift.py. A warning starts nothing.
  drift_source        = "promotion.data-quality"
  drift_detail_type   = "Data Drift Detected"
  warning_detail_type = "Data Quality Warning"

  # Names are known before the rules are made: queues and roles name the rules that may use them.
  # SageMaker sends its events to the default bus, and schedules exist on the default bus only.
  rule_names = {
    failure_alert  = "${var.name_prefix}-pipeline-failure"
    drift_alert    = "${var.name_prefix}-drift-alert"
    approval_alert = "${var.name_prefix}-approval-alert"
    drift          = "${var.name_prefix}-retrain-on-drift"
    schedule       = { for name in keys(local.scheduled) : name => "${var.name_prefix}-${name}-schedule" }
    approved       = { for name in keys(local.approved) : name => "${var.name_prefix}-${name}-approved" }
  }

  default_rules = "arn:aws:events:${var.region}:${var.account_id}:rule"
  drift_rules   = var.event_bus_name == "default" ? local.default_rules : "${local.default_rules}/${var.event_bus_name}"

  schedule_rule_arns = [for name in values(local.rule_names.schedule) : "${local.default_rules}/${name}"]
  approved_rule_arns = [for name in values(local.rule_names.approved) : "${local.default_rules}/${name}"]
}
