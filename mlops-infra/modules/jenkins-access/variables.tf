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
  description = "Project name; aliases start with it and keys are tagged with it."

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,30}$", var.project))
    error_message = "project must have 1-31 lower-case letters, digits and hyphens and start with a letter."
  }
}

variable "environment" {
  type        = string
  description = "Name of the environment."

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

variable "tooling_account_id" {
  type        = string
  description = "The 12-digit id of the account that Jenkins runs in; this account's own id in the tooling account."

  validation {
    condition     = can(regex("^[0-9]{12}$", var.tooling_account_id))
    error_message = "tooling_account_id must be 12 digits."
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

variable "jenkins_user_name" {
  type        = string
  default     = "jenkins"
  description = "Name of the IAM user of the tooling account that a Jenkins outside AWS signs in as."

  validation {
    condition     = can(regex("^[A-Za-z0-9+=,.@_-]{1,64}$", var.jenkins_user_name))
    error_message = "jenkins_user_name must be a valid IAM user name."
  }
}

variable "deployed_account_ids" {
  type        = list(string)
  default     = []
  description = "12-digit ids of the other accounts that Jenkins deploys to; used in the tooling account."

  validation {
    condition     = alltrue([for account_id in var.deployed_account_ids : can(regex("^[0-9]{12}$", account_id))])
    error_message = "deployed_account_ids: every id must be 12 digits."
  }
}

variable "max_session_seconds" {
  type        = number
  default     = 3600
  description = "Longest session of the deploy role, in seconds. AWS ends a session at one hour when it was started from another role."

  validation {
    condition     = var.max_session_seconds >= 3600 && var.max_session_seconds <= 43200
    error_message = "max_session_seconds must lie between 3600 and 43200."
  }
}

variable "owned_buckets" {
  type        = map(string)
  description = "Names of the buckets that this account owns, by purpose: state, and data or artifacts where it has one."

  validation {
    condition     = contains(keys(var.owned_buckets), "state")
    error_message = "owned_buckets must name the state bucket."
  }

  validation {
    condition     = alltrue([for name in values(var.owned_buckets) : can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", name))])
    error_message = "owned_buckets: every name must have 3-63 lower-case letters, digits and hyphens, with a letter or digit at both ends."
  }

  validation {
    condition     = var.kind != "workload" || contains(keys(var.owned_buckets), "data")
    error_message = "owned_buckets must name the data bucket of a workload account."
  }
}

variable "model_package_group_arns" {
  type        = list(string)
  default     = []
  description = "ARNs of the model package groups: managed in the registry account, looked up from a workload account."

  validation {
    condition     = alltrue([for arn in var.model_package_group_arns : can(regex("^arn:aws:sagemaker:[a-z0-9-]+:[0-9]{12}:model-package-group/[A-Za-z0-9](-*[A-Za-z0-9]){0,62}$", arn))])
    error_message = "model_package_group_arns: every entry must be the ARN of a model package group."
  }
}

variable "pipeline_names" {
  type        = list(string)
  default     = []
  description = "Names of the SageMaker pipelines; used in a workload account."

  validation {
    condition     = alltrue([for name in var.pipeline_names : can(regex("^[a-z0-9](-*[a-z0-9]){0,254}$", name))])
    error_message = "pipeline_names: every name must have lower-case letters, digits and hyphens only (SageMaker lower-cases names in ARNs)."
  }
}

variable "alerts_topic_name" {
  type        = string
  default     = ""
  description = "Name of the alerts topic; needed in a workload account."

  validation {
    condition     = var.kind != "workload" || can(regex("^[A-Za-z0-9_-]{1,256}$", var.alerts_topic_name))
    error_message = "alerts_topic_name must name the topic of a workload account: letters, digits, '_' or '-'."
  }
}
