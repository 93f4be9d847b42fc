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
    `state`: Terraform state of this account. `artifacts`: model artifacts and releases, in the registry account.
  EOT

  validation {
    condition     = alltrue([for name in values(var.buckets) : can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", name))])
    error_message = "buckets: every name must have 3-63 lower-case letters, digits and hyphens, with a letter or digit at both ends."
  }

  validation {
    condition     = alltrue([for name in values(var.buckets) : !can(regex("^(xn--|sthree-|amzn-s3-demo-)|(-s3alias|--ol-s3|--x-s3|--table-s3)$", name))])
    error_message = "buckets: no name may start with xn--, sthree- or amzn-s3-demo- nor end in -s3alias, --ol-s3, --x-s3 or --table-s3: S3 reserves these."
  }
}

variable "log_bucket" {
  type        = string
  description = "Name of the bucket that receives access logs; `log-bucket` makes it."

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.log_bucket)) && !contains(values(var.buckets), var.log_bucket)
    error_message = "log_bucket must be the name of a bucket of its own: 3-63 lower-case letters, digits and hyphens, with a letter or digit at both ends."
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

variable "alerts" {
  type = object({
    topic  = string
    emails = set(string)
  })
  description = <<-EOT
    Where alerts go.
    `topic`: name of the SNS topic. `emails`: addresses that receive every alert.
  EOT

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,256}$", var.alerts.topic))
    error_message = "alerts.topic must have 1-256 letters, digits, '_' or '-'."
  }

  validation {
    condition     = alltrue([for email in var.alerts.emails : can(regex("^[^@\\s]+@[^@\\s]+[.][^@\\s]+$", email))])
    error_message = "alerts.emails: every entry must be an e-mail address."
  }
}

variable "use_cases" {
  type = map(object({
    model_package_group = string
    approval = optional(object({
      minimum = optional(map(number), {})
      maximum = optional(map(number), {})
      margin  = optional(number, 0.05)
      reopen  = optional(bool, false)
    }), {})
  }))
  description = <<-EOT
    Use cases whose models are registered here, by name.
    `model_package_group`: name of the use case's group.
    `approval`: what a version must show: `minimum` and `maximum` of metrics by name, and the `margin` of ROC AUC by which it may be worse than the version in service; `reopen`: whether an approval that the checks refuse is put back to pending.
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
    condition     = !anytrue([for name in keys(var.use_cases) : contains(["alerts", "code", "studio"], name)])
    error_message = "use_cases: alerts, code and studio are prefixes of the data bucket that are no use case's."
  }

  validation {
    condition     = alltrue([for use_case in var.use_cases : can(regex("^[A-Za-z0-9](-*[A-Za-z0-9]){0,62}$", use_case.model_package_group))])
    error_message = "use_cases: model_package_group must have 1-63 letters, digits and hyphens, with a letter or digit at both ends."
  }
}

variable "ledger" {
  type = object({
    table               = string
    deletion_protection = optional(bool, true)
  })
  description = <<-EOT
    The audit ledger.
    `table`: name of its DynamoDB table.
    `deletion_protection`: whether the table refuses to be deleted; switch it off before the account is taken down.
  EOT

  validation {
    condition     = can(regex("^[A-Za-z0-9_.-]{3,255}$", var.ledger.table))
    error_message = "ledger.table must have 3-255 letters, digits and '_', '.' or '-'."
  }
}

variable "lambda_package" {
  type        = string
  description = "Path of the ZIP file with the handlers. Give it relative to the root, under a name made of its content: the path is part of the plan."

  validation {
    condition     = endswith(var.lambda_package, ".zip")
    error_message = "lambda_package must be the path of a .zip file."
  }
}
