variable "name_prefix" {
  type        = string
  description = "Start of every name, and the dashboard's name: project and environment, e.g. acme-ml-prod."

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,48}$", var.name_prefix))
    error_message = "name_prefix must have 1-49 lower-case letters, digits and hyphens and start with a letter."
  }
}

variable "region" {
  type        = string
  description = "Region of the account's resources, e.g. eu-west-1."

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must look like eu-west-1."
  }
}

variable "alerts_topic_arn" {
  type        = string
  description = "ARN of the SNS topic that receives the alarms."

  validation {
    condition     = can(regex("^arn:aws:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+$", var.alerts_topic_arn))
    error_message = "alerts_topic_arn must be the ARN of an SNS topic."
  }
}

variable "pipeline_names" {
  type        = set(string)
  description = "Names of the environment's SageMaker pipelines."

  validation {
    condition     = length(var.pipeline_names) > 0 && alltrue([for name in var.pipeline_names : can(regex("^[a-z0-9](-*[a-z0-9]){0,254}$", name))])
    error_message = "pipeline_names must list at least one name of lower-case letters, digits and hyphens."
  }
}

variable "function_names" {
  type        = set(string)
  description = "Names of the environment's Lambda functions."

  validation {
    condition     = length(var.function_names) > 0 && alltrue([for name in var.function_names : can(regex("^[A-Za-z0-9_-]{1,64}$", name))])
    error_message = "function_names must list at least one name of 1-64 letters, digits, '_' or '-'."
  }
}

variable "step_function_names" {
  type        = set(string)
  default     = []
  description = "Those of the functions that pipelines call: their errors are alerts of failed steps."

  validation {
    condition     = alltrue([for name in var.step_function_names : can(regex("^[A-Za-z0-9_-]{1,64}$", name))])
    error_message = "step_function_names must list names of 1-64 letters, digits, '_' or '-'."
  }
}

variable "queue_names" {
  type        = set(string)
  description = "Names of the environment's dead-letter queues."

  validation {
    condition     = length(var.queue_names) > 0 && alltrue([for name in var.queue_names : can(regex("^[A-Za-z0-9_-]{1,80}$", name))])
    error_message = "queue_names must list at least one name of 1-80 letters, digits, '_' or '-'."
  }
}

variable "drift_rule" {
  type = object({
    name = string
    bus  = string
  })
  description = <<-EOT
    Rule that sees every drift event.
    `name`: name of the rule. `bus`: name of its event bus.
  EOT

  validation {
    condition     = can(regex("^[A-Za-z0-9._-]{1,64}$", var.drift_rule.name))
    error_message = "drift_rule.name must be the name of a rule: 1-64 letters, digits and '.', '_' or '-'."
  }
}

variable "approval_rule" {
  type = object({
    name = string
    bus  = string
  })
  description = <<-EOT
    Rule that sees every approval and rejection of a model version.
    `name`: name of the rule. `bus`: name of its event bus.
  EOT

  validation {
    condition     = can(regex("^[A-Za-z0-9._-]{1,64}$", var.approval_rule.name))
    error_message = "approval_rule.name must be the name of a rule: 1-64 letters, digits and '.', '_' or '-'."
  }
}

variable "log_retention_days" {
  type        = number
  default     = 365
  description = "Days that log events are kept."

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be a period that CloudWatch Logs offers, such as 30, 90 or 365."
  }
}
