variable "account_id" {
  type        = string
  description = "The 12-digit id of the registry account."

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must be 12 digits."
  }
}

variable "region" {
  type        = string
  description = "Region of the registry, e.g. eu-west-1."

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must look like eu-west-1."
  }
}

variable "roles" {
  type = object({
    approver    = string
    auditor     = string
    break_glass = string
  })
  description = <<-EOT
    Names of people's roles.
    `approver`: decides on model versions. `auditor`: reads every record. `break_glass`: corrects records in an emergency.
  EOT

  validation {
    condition     = alltrue([for name in values(var.roles) : can(regex("^[A-Za-z0-9+=,.@_-]{1,64}$", name))])
    error_message = "roles: every entry must be a valid IAM role name."
  }

  validation {
    condition     = length(distinct(values(var.roles))) == length(values(var.roles))
    error_message = "roles: every role needs a name of its own."
  }
}

variable "approvers" {
  type        = list(string)
  description = "ARNs of the IAM users and roles, in any account, that may assume the approver role."

  validation {
    condition     = length(var.approvers) > 0
    error_message = "approvers must name at least one IAM user or role: without one no model could ever serve."
  }

  validation {
    condition     = alltrue([for arn in var.approvers : can(regex("^arn:aws:iam::[0-9]{12}:(user|role)/[A-Za-z0-9+=,.@_/-]+$", arn))])
    error_message = "approvers: each must be the ARN of one IAM user or role; patterns are not accepted."
  }
}

variable "auditors" {
  type        = list(string)
  description = "ARNs of the IAM users and roles, in any account, that may assume the auditor role."

  validation {
    condition     = length(var.auditors) > 0 && alltrue([for arn in var.auditors : can(regex("^arn:aws:iam::[0-9]{12}:(user|role)/[A-Za-z0-9+=,.@_/-]+$", arn))])
    error_message = "auditors must list at least one ARN of an IAM user or role; patterns are not accepted."
  }
}

variable "break_glass" {
  type        = list(string)
  description = "ARNs of the IAM users and roles, in any account, that may assume the break-glass role."

  validation {
    condition     = length(var.break_glass) > 0 && alltrue([for arn in var.break_glass : can(regex("^arn:aws:iam::[0-9]{12}:(user|role)/[A-Za-z0-9+=,.@_/-]+$", arn))])
    error_message = "break_glass must list at least one ARN of an IAM user or role; patterns are not accepted."
  }
}

variable "require_mfa" {
  type        = bool
  default     = true
  description = "Whether the break-glass role asks for multi-factor authentication when it is assumed."
}

variable "model_package_groups" {
  type        = list(string)
  description = "Names of the model package groups."

  validation {
    condition     = length(var.model_package_groups) > 0 && alltrue([for group in var.model_package_groups : can(regex("^[A-Za-z0-9](-*[A-Za-z0-9]){0,62}$", group))])
    error_message = "model_package_groups must name at least one group: 1-63 letters, digits and hyphens, with a letter or digit at both ends."
  }
}

variable "ledger_table" {
  type        = string
  description = "Name of the ledger's DynamoDB table."

  validation {
    condition     = can(regex("^[A-Za-z0-9_.-]{3,255}$", var.ledger_table))
    error_message = "ledger_table must have 3-255 letters, digits and '_', '.' or '-'."
  }
}

variable "artifact_bucket" {
  type        = string
  description = "Name of the bucket of model artifacts and releases."

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.artifact_bucket))
    error_message = "artifact_bucket must have 3-63 lower-case letters, digits and hyphens, with a letter or digit at both ends."
  }
}

variable "use_cases" {
  type        = list(string)
  description = "Names of the use cases, whose artifacts approvers read."

  validation {
    condition     = length(var.use_cases) > 0 && alltrue([for name in var.use_cases : can(regex("^[a-z][a-z0-9-]{0,30}$", name))])
    error_message = "use_cases must name at least one use case: 1-31 lower-case letters, digits and hyphens, starting with a letter."
  }
}
