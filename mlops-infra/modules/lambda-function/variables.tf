variable "name" {
  type        = string
  description = "Name of the function."

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,64}$", var.name))
    error_message = "name must have 1-64 letters, digits, '_' or '-'."
  }
}

variable "description" {
  type        = string
  description = "What the function does, as shown in the Lambda console."

  validation {
    condition     = length(var.description) <= 256
    error_message = "description must have at most 256 characters."
  }
}

variable "role_name" {
  type        = string
  description = "Name of the function's own role."

  validation {
    condition     = can(regex("^[A-Za-z0-9+=,.@_-]{1,64}$", var.role_name))
    error_message = "role_name must be a valid IAM role name of at most 64 characters."
  }
}

variable "permissions_boundary_arn" {
  type        = string
  description = "ARN of the policy that bounds every role of the account (see `jenkins-access`)."

  validation {
    condition     = can(regex("^arn:aws:iam::[0-9]{12}:policy/[A-Za-z0-9+=,.@_/-]+$", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn must be the ARN of an IAM policy."
  }
}

variable "handler" {
  type        = string
  description = "Entry point, as module path and function: package.module.function."

  validation {
    condition     = can(regex("^[A-Za-z_][A-Za-z0-9_]*([.][A-Za-z_][A-Za-z0-9_]*)+$", var.handler))
    error_message = "handler must look like package.module.function."
  }
}

variable "package" {
  type        = string
  description = "Path of the function's ZIP file. Give it relative to the root, under a name made of its content: the path is part of the plan."

  validation {
    condition     = endswith(var.package, ".zip")
    error_message = "package must be the path of a .zip file."
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
  description = "Region of the function, e.g. eu-west-1."

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must look like eu-west-1."
  }
}

variable "statements" {
  type = list(object({
    sid        = string
    actions    = list(string)
    resources  = list(string)
    conditions = optional(map(map(list(string))), {})
  }))
  default     = []
  description = <<-EOT
    What the function may do besides writing its own log.
    `sid`: name of the permission. `actions`: IAM actions. `resources`: ARNs.
    `conditions`: operator -> key -> values.
  EOT

  validation {
    condition     = alltrue([for statement in var.statements : alltrue([for action in statement.actions : can(regex("^[a-z0-9-]+:[A-Za-z]+$", action))])])
    error_message = "statements: each action must be spelt out (service:Action, no wildcard)."
  }
}

variable "environment" {
  type        = map(string)
  default     = {}
  description = "Environment variables of the function."
}

variable "timeout_seconds" {
  type        = number
  default     = 60
  description = "Seconds after which a run is cut off."

  validation {
    condition     = var.timeout_seconds >= 1 && var.timeout_seconds <= 900
    error_message = "timeout_seconds must lie between 1 and 900."
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
