variable "name_prefix" {
  type        = string
  description = "Start of every name: project and environment, e.g. acme-ml-registry."

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,48}$", var.name_prefix))
    error_message = "name_prefix must have 1-49 lower-case letters, digits and hyphens and start with a letter."
  }
}

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
  description = "Region of the account's resources, e.g. eu-west-1."

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must look like eu-west-1."
  }
}

variable "model_package_groups" {
  type        = list(string)
  description = "Names of the model package groups whose approvals and rejections matter."

  validation {
    condition     = length(var.model_package_groups) > 0 && alltrue([for group in var.model_package_groups : can(regex("^[A-Za-z0-9](-*[A-Za-z0-9]){0,62}$", group))])
    error_message = "model_package_groups must list at least one name of 1-63 letters, digits and hyphens, with a letter or digit at both ends."
  }
}

variable "workload_accounts" {
  type        = map(string)
  description = "12-digit account id of each workload environment, by environment name: its default bus receives the events."

  validation {
    condition     = alltrue([for account_id in values(var.workload_accounts) : can(regex("^[0-9]{12}$", account_id))])
    error_message = "workload_accounts: every account id must be 12 digits."
  }

  validation {
    # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
    condition     = length(var.workload_accounts) <= 5
    error_message = "workload_accounts: at most 5, because a rule has at most 5 targets."
  }
}

variable "events_role_name" {
  type        = string
  description = "Stem of the name of the role with which EventBridge forwards events; `-forward` follows."

  validation {
    condition     = can(regex("^[A-Za-z0-9+=,.@_-]{1,50}$", var.events_role_name))
    error_message = "events_role_name must be a valid IAM role name of at most 50 characters."
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

variable "alerts_topic_arn" {
  type        = string
  description = "ARN of the SNS topic of the dead-letter queue's alarm."

  validation {
    condition     = can(regex("^arn:aws:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+$", var.alerts_topic_arn))
    error_message = "alerts_topic_arn must be the ARN of an SNS topic."
  }
}
