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
    condition     = var.kind == "tooling"
    error_message = "kind must be tooling: this root builds a tooling account."
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
}

variable "buckets" {
  type = object({
    state     = string
    logs      = string
    artifacts = string
  })
  description = <<-EOT
    Names of the buckets.
    `state`: Terraform state of this account. `logs`: access logs of this account's buckets.
    `artifacts`: model artifacts and releases, in the registry account.
  EOT

  validation {
    condition     = alltrue([for name in values(var.buckets) : can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", name))])
    error_message = "buckets: every name must have 3-63 lower-case letters, digits and hyphens, with a letter or digit at both ends."
  }

  validation {
    condition     = alltrue([for name in values(var.buckets) : !can(regex("^(xn--|sthree-|amzn-s3-demo-)|(-s3alias|--ol-s3|--x-s3|--table-s3)$", name))])
    error_message = "buckets: no name may start with xn--, sthree- or amzn-s3-demo- nor end in -s3alias, --ol-s3, --x-s3 or --table-s3: S3 reserves these."
  }

  validation {
    condition     = length(distinct(values(var.buckets))) == length(values(var.buckets))
    error_message = "buckets: every bucket needs a name of its own."
  }
}

variable "external_id" {
  type        = string
  description = "External id that Jenkins must state to assume the deploy and the plan role; the same in every account."

  validation {
    # Terraform's regular expressions count to 1000 only, so the length stands apart.
    # https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
    condition     = can(regex("^[A-Za-z0-9_+=,.@:/-]+$", var.external_id)) && length(var.external_id) >= 2 && length(var.external_id) <= 1224
    error_message = "external_id must have 2-1224 letters, digits and _+=,.@:/-."
  }
}

variable "roles" {
  type = object({
    jenkins     = string
    deploy      = string
    plan        = string
    build       = optional(string, "jenkins-build-role")
    execution   = string
    lambda      = string
    events      = string
    approver    = string
    auditor     = string
    break_glass = string
  })
  description = <<-EOT
    Names of the platform's roles.
    `jenkins`: Jenkins itself, in the tooling account.
    `deploy`, `plan`: what Jenkins becomes in each account to apply, and to plan (reads only).
    `build`: what Jenkins becomes in the tooling account to sign and publish releases.
    `execution`, `lambda`: stems of the workload accounts' SageMaker and Lambda roles.
    `events`: EventBridge's role in a workload account.
    `approver`, `auditor`, `break_glass`: who approves, who reads every record, and who repairs in an
    emergency, in the registry account.
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

variable "build_alert_emails" {
  type        = set(string)
  default     = []
  description = "Addresses that hear of builds that failed, and of those that are well again."

  validation {
    condition     = alltrue([for email in var.build_alert_emails : can(regex("^[^@\\s]+@[^@\\s]+[.][^@\\s]+$", email))])
    error_message = "build_alert_emails: every entry must be an e-mail address."
  }
}
