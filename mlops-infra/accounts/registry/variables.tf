variable "project" {
  type        = string
  description = "Project name; start of every derived name."

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,30}$", var.project))
    error_message = "project must have 1-31 lower-case letters, digits and hyphens and start with a letter."
  }
}

variable "environment" {
  type        = string
  description = "Name of the environment; the account's folder and file are named after it."

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,30}$", var.environment))
    error_message = "environment must have 1-31 lower-case letters, digits and hyphens and start with a letter."
  }
}

variable "kind" {
  type        = string
  description = "What the account is for."

  validation {
    condition     = var.kind == "registry"
    error_message = "kind must be registry: this root builds a registry account."
  }
}

variable "account_id" {
  type        = string
  description = "The 12-digit id of this account. Credentials of any other account are refused."

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must be 12 digits."
  }
}

variable "region" {
  type        = string
  description = "AWS region of everything in this account, e.g. eu-west-1."

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must look like eu-west-1."
  }
}

variable "linked_accounts" {
  type        = map(string)
  description = "12-digit ids of the platform's other accounts, by environment name."

  validation {
    condition     = alltrue([for account_id in values(var.linked_accounts) : can(regex("^[0-9]{12}$", account_id))])
    error_message = "linked_accounts: every account id must be 12 digits."
  }

  validation {
    condition     = length(distinct(concat(values(var.linked_accounts), [var.account_id]))) == length(var.linked_accounts) + 1
    error_message = "linked_accounts: every account must have an id of its own, other than account_id."
  }

  validation {
    condition     = alltrue([for name in keys(var.linked_accounts) : can(regex("^[a-z][a-z0-9-]{0,30}$", name))])
    error_message = "linked_accounts: every name must have 1-31 lower-case letters, digits and hyphens and start with a letter."
  }

  validation {
    condition     = alltrue([for name in ["tooling"] : contains(keys(var.linked_accounts), name)])
    error_message = "linked_accounts must name tooling."
  }
}

variable "buckets" {
  type = object({
    state     = string
    artifacts = string
  })
  description = <<-EOT
    Names of the buckets.
    `state`: Terraform state of this account. `artifacts`: model artifacts, in the registry account.
  EOT

  validation {
    condition     = alltrue([for name in values(var.buckets) : can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", name))])
    error_message = "buckets: every name must have 3-63 lower-case letters, digits and hyphens, with a letter or digit at both ends."
  }
}

variable "roles" {
  type = object({
    jenkins   = string
    deploy    = string
    execution = string
    lambda    = string
    events    = string
    approver  = string
  })
  description = <<-EOT
    Names of the platform's roles.
    `jenkins`: Jenkins itself, in the tooling account. `deploy`: what Jenkins becomes in each account.
    `execution`, `lambda`: stems of the workload accounts' SageMaker and Lambda roles.
    `events`: EventBridge's role in a workload account. `approver`: who approves, in the registry account.
  EOT

  validation {
    condition     = alltrue([for name in values(var.roles) : can(regex("^[A-Za-z0-9+=,.@_-]{1,50}$", name))])
    error_message = "roles: every entry must be a valid IAM role name of at most 50 characters."
  }

  validation {
    condition     = length(distinct(values(var.roles))) == length(values(var.roles))
    error_message = "roles: every role needs a name of its own."
  }
}

variable "approvers" {
  type        = list(string)
  description = "ARNs of the IAM users and roles, in any account, that may approve model versions."

  validation {
    condition     = length(var.approvers) > 0 && alltrue([for arn in var.approvers : can(regex("^arn:aws:iam::[0-9]{12}:(user|role)/[A-Za-z0-9+=,.@_/-]+$", arn))])
    error_message = "approvers must list at least one ARN of an IAM user or role; patterns are not accepted."
  }
}

variable "use_cases" {
  type = map(object({
    model_package_group = string
  }))
  description = <<-EOT
    Use cases whose models are registered here, by name.
    `model_package_group`: name of the use case's group.
  EOT

  validation {
    condition     = length(var.use_cases) > 0
    error_message = "use_cases must name at least one use case."
  }

  validation {
    condition     = alltrue([for name in keys(var.use_cases) : can(regex("^[a-z][a-z0-9-]{0,30}$", name))])
    error_message = "use_cases: every name must have 1-31 lower-case letters, digits and hyphens and start with a letter."
  }

  validation {
    condition     = alltrue([for use_case in var.use_cases : can(regex("^[A-Za-z0-9](-*[A-Za-z0-9]){0,62}$", use_case.model_package_group))])
    error_message = "use_cases: model_package_group must have 1-63 letters, digits and hyphens, with a letter or digit at both ends."
  }
}
