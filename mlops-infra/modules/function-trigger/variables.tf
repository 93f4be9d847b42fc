variable "name" {
  type        = string
  description = "Name of the rule."

  validation {
    condition     = can(regex("^[A-Za-z0-9._-]{1,64}$", var.name))
    error_message = "name must have 1-64 letters, digits, '.', '_' or '-'."
  }
}

variable "description" {
  type        = string
  description = "What the rule leads to, as shown in the EventBridge console."

  validation {
    condition     = length(var.description) <= 512
    error_message = "description must have at most 512 characters."
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
  description = "Region of the rule, the function and the queue, e.g. eu-west-1."

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must look like eu-west-1."
  }
}

variable "event_bus_name" {
  type        = string
  default     = "default"
  description = "Name of the event bus that the rule listens on: `default` or an existing bus of the account."

  validation {
    condition     = can(regex("^[A-Za-z0-9._/-]{1,256}$", var.event_bus_name)) && !startswith(var.event_bus_name, "aws.")
    error_message = "event_bus_name must be the name of a bus (letters, digits, . _ / -) of this account, not an ARN or a partner bus."
  }
}

variable "event_pattern" {
  type        = string
  description = "The events that trigger the function, as an EventBridge pattern in JSON. It must name the account in which they arise."

  validation {
    condition     = can(length(jsondecode(var.event_pattern).source) > 0 && length(jsondecode(var.event_pattern).account) > 0)
    error_message = "event_pattern must be JSON with a source and an account: without, anybody's events would do."
  }
}

variable "target_id" {
  type        = string
  description = "Id of the function as the rule's target."

  validation {
    condition     = can(regex("^[A-Za-z0-9._-]{1,64}$", var.target_id))
    error_message = "target_id must have 1-64 letters, digits, '.', '_' or '-'."
  }
}

variable "statement_id" {
  type        = string
  description = "Id of the statement, in the function's policy, that lets the rule invoke it."

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,100}$", var.statement_id))
    error_message = "statement_id must have 1-100 letters, digits, '_' or '-'."
  }
}

variable "function" {
  type = object({
    arn  = string
    name = string
  })
  description = <<-EOT
    The function, whose role may `sqs:SendMessage` to the queue.
    `arn`: its ARN. `name`: its name.
  EOT

  validation {
    condition     = can(regex("^arn:aws:lambda:[a-z0-9-]+:[0-9]{12}:function:[A-Za-z0-9_-]{1,64}$", var.function.arn))
    error_message = "function.arn must be the ARN of a function, without version or alias."
  }

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,64}$", var.function.name))
    error_message = "function.name must have 1-64 letters, digits, '_' or '-'."
  }
}

variable "delivery" {
  type = object({
    maximum_age_seconds = number
    maximum_retries     = number
  })
  description = <<-EOT
    How long EventBridge tries to hand an event to Lambda.
    `maximum_age_seconds`: 60-86400. `maximum_retries`: 0-185.
  EOT

  validation {
    condition     = var.delivery.maximum_age_seconds >= 60 && var.delivery.maximum_age_seconds <= 86400 && var.delivery.maximum_retries >= 0 && var.delivery.maximum_retries <= 185
    error_message = "delivery: maximum_age_seconds must lie between 60 and 86400, maximum_retries between 0 and 185."
  }
}

variable "invocation" {
  type = object({
    maximum_age_seconds = number
    maximum_retries     = optional(number, 2)
  })
  description = <<-EOT
    How long Lambda tries to run the function with an event that it was handed.
    `maximum_age_seconds`: 60-21600. `maximum_retries`: 0-2 after an error.
  EOT

  validation {
    condition     = var.invocation.maximum_age_seconds >= 60 && var.invocation.maximum_age_seconds <= 21600 && var.invocation.maximum_retries >= 0 && var.invocation.maximum_retries <= 2
    error_message = "invocation: maximum_age_seconds must lie between 60 and 21600, maximum_retries between 0 and 2."
  }
}

variable "queue_name" {
  type        = string
  description = "Name of the dead-letter queue."

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,80}$", var.queue_name))
    error_message = "queue_name must have 1-80 letters, digits, '_' or '-'."
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
  description = "ARN of the SNS topic that is told when the queue is not empty."

  validation {
    condition     = can(regex("^arn:aws:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}$", var.alerts_topic_arn))
    error_message = "alerts_topic_arn must be the ARN of an SNS topic."
  }
}
