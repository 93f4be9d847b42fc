variable "kind" {
  type        = string
  description = "What the account is for: tooling, registry or workload. It decides what Jenkins may do there."

  validation {
    condition     = contains(["tooling", "registry", "workload"], var.kind)
    error_message = "kind must be tooling, registry or workload."
  }
}

variable "project" {
  type        = string
  description = "Project name; derived names start with it and keys are tagged with it."

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,30}$", var.project))
    error_message = "project must have 1-31 lower-case letters, digits and hyphens and start with a letter."
  }
}

variable "environment" {
  type        = string
  description = "Name of the environment; derived names go on with it, and the state has it in its key."

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,30}$", var.environment))
    error_message = "environment must have 1-31 lower-case letters, digits and hyphens and start with a letter."
  }
}

variable "account_id" {
  type        = string
  description = "The 12-digit id of this account."

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

variable "linked_accounts" {
  type        = map(string)
  description = "12-digit ids of the platform's other accounts, by environment name. Jenkins lives in `tooling`; in the tooling account itself these are the accounts that it deploys to."

  validation {
    condition     = alltrue([for account_id in values(var.linked_accounts) : can(regex("^[0-9]{12}$", account_id))])
    error_message = "linked_accounts: every account id must be 12 digits."
  }

  validation {
    condition     = var.kind == "tooling" || contains(keys(var.linked_accounts), "tooling")
    error_message = "linked_accounts must name tooling, where Jenkins is."
  }

  validation {
    condition     = var.kind != "workload" || contains(keys(var.linked_accounts), "registry")
    error_message = "linked_accounts must name registry in a workload account."
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
    `execution`, `lambda`, `events`: stems of the roles of pipelines, functions and rules, which the deploy role makes.
    `approver`, `auditor`, `break_glass`: people's roles in the registry account.
  EOT

  validation {
    condition     = alltrue([for name in values(var.roles) : can(regex("^[A-Za-z0-9+=,.@_-]{1,50}$", name))])
    error_message = "roles: every entry must be a valid IAM role name of at most 50 characters."
  }

  validation {
    condition     = length(distinct(values(var.roles))) == length(values(var.roles))
    error_message = "roles: every role needs a name of its own."
  }

  validation {
    condition = alltrue(flatten([
      for stem in [var.roles.execution, var.roles.lambda, var.roles.events] : [
        for name in [var.roles.jenkins, var.roles.deploy, var.roles.plan, var.roles.build, var.roles.approver, var.roles.auditor, var.roles.break_glass] : !startswith(name, "${stem}-")
      ]
    ]))
    error_message = "roles: no access role may start with execution, lambda or events and a hyphen: the deploy role manages those."
  }
}

variable "max_session_seconds" {
  type        = number
  default     = 14400
  description = "Longest session of the deploy and the plan role, in seconds. AWS ends a session after one hour all the same when it was started from another role's session."

  validation {
    condition     = var.max_session_seconds >= 3600 && var.max_session_seconds <= 43200
    error_message = "max_session_seconds must lie between 3600 and 43200."
  }
}

variable "buckets" {
  type = object({
    state     = string
    logs      = string
    data      = optional(string)
    artifacts = optional(string)
  })
  description = <<-EOT
    Names of the buckets.
    `state`: Terraform state of this account. `logs`: access logs of this account's buckets.
    `data`: data of a workload account. `artifacts`: model artifacts and releases, in the registry account.
  EOT

  validation {
    condition     = alltrue([for name in values(var.buckets) : can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", name)) if name != null])
    error_message = "buckets: every name must have 3-63 lower-case letters, digits and hyphens, with a letter or digit at both ends."
  }

  validation {
    condition     = var.kind != "workload" || (var.buckets.data != null && var.buckets.artifacts != null)
    error_message = "buckets must name data and artifacts in a workload account."
  }

  validation {
    condition     = var.kind != "registry" || var.buckets.artifacts != null
    error_message = "buckets must name artifacts in the registry account."
  }
}

variable "use_cases" {
  type = map(object({
    model_package_group = string
    pipelines           = optional(map(string), {})
  }))
  default     = {}
  description = <<-EOT
    Use cases of a registry or workload account, by name.
    `model_package_group`: the group in the registry account. `pipelines`: SageMaker pipeline name by short name, in a workload account.
  EOT

  validation {
    condition     = alltrue([for use_case in var.use_cases : can(regex("^[A-Za-z0-9](-*[A-Za-z0-9]){0,62}$", use_case.model_package_group))])
    error_message = "use_cases: model_package_group must have 1-63 letters, digits and hyphens, with a letter or digit at both ends."
  }

  validation {
    condition     = alltrue(flatten([for use_case in var.use_cases : [for pipeline in values(use_case.pipelines) : can(regex("^[a-z0-9](-*[a-z0-9]){0,254}$", pipeline))]]))
    error_message = "use_cases: pipelines must have lower-case letters, digits and hyphens only (SageMaker lower-cases names in ARNs)."
  }

  validation {
    condition     = var.kind == "tooling" || length(var.use_cases) > 0
    error_message = "use_cases must name at least one use case of a registry or workload account."
  }
}

variable "event_bus" {
  type        = string
  default     = "default"
  description = "Name of the event bus that carries drift events: `default` or an existing bus of this account."

  validation {
    condition     = can(regex("^[A-Za-z0-9._/-]{1,256}$", var.event_bus)) && !startswith(var.event_bus, "aws.")
    error_message = "event_bus must be the name of a bus (letters, digits, . _ / -) of this account, not an ARN or a partner bus."
  }
}

variable "alerts_topic" {
  type        = string
  default     = ""
  description = "Name of the alerts topic; needed in a registry or workload account."

  validation {
    condition     = var.kind == "tooling" || can(regex("^[A-Za-z0-9_-]{1,256}$", var.alerts_topic))
    error_message = "alerts_topic must name the topic of a registry or workload account: letters, digits, '_' or '-'."
  }
}

variable "build_alert_emails" {
  type        = set(string)
  default     = []
  description = "Addresses that hear of builds that failed, and of those that are well again; in the tooling account."

  validation {
    condition     = alltrue([for email in var.build_alert_emails : can(regex("^[^@\\s]+@[^@\\s]+[.][^@\\s]+$", email))])
    error_message = "build_alert_emails: every entry must be an e-mail address."
  }
}

variable "ledger_table" {
  type        = string
  default     = ""
  description = "Name of the ledger's DynamoDB table; needed in the registry account."

  validation {
    condition     = var.kind != "registry" || can(regex("^[A-Za-z0-9_.-]{3,255}$", var.ledger_table))
    error_message = "ledger_table must name the table of the registry account: 3-255 letters, digits and '_', '.' or '-'."
  }
}

variable "studio" {
  type        = bool
  default     = false
  description = "Whether the account has a SageMaker Studio domain."
}
