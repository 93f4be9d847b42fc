variable "name" {
  type        = string
  description = "Name of the queue."

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,80}$", var.name))
    error_message = "name must have 1-80 letters, digits, '_' or '-'."
  }
}

variable "account_id" {
  type        = string
  description = "The 12-digit id of the account."

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must be 12 digits."
  }
}

variable "region" {
  type        = string
  description = "Region of the queue, e.g. eu-west-1."

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must look like eu-west-1."
  }
}

variable "rule_arns" {
  type        = list(string)
  description = "ARNs of the EventBridge rules whose undelivered events the queue takes; it takes no others."

  validation {
    condition     = length(var.rule_arns) > 0 && alltrue([for arn in var.rule_arns : can(regex("^arn:aws:events:[a-z0-9-]+:[0-9]{12}:rule/[A-Za-z0-9._/-]+$", arn))])
    error_message = "rule_arns must list at least one ARN of an EventBridge rule; patterns are not accepted."
  }
}

variable "alarm_description" {
  type        = string
  description = "What is missing while the queue is not empty, and what to do about it: the alert's text."

  validation {
    condition     = length(var.alarm_description) >= 1 && length(var.alarm_description) <= 1024
    error_message = "alarm_description must have 1-1024 characters."
  }
}

variable "alerts_topic_arn" {
  type        = string
  description = "ARN of the SNS topic that is told when the queue is not empty, and when it is again."

  validation {
    condition     = can(regex("^arn:aws:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}$", var.alerts_topic_arn))
    error_message = "alerts_topic_arn must be the ARN of an SNS topic."
  }
}
