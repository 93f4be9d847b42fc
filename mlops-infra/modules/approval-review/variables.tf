variable "name_prefix" {
  type        = string
  description = "Start of every name: project and environment, e.g. acme-ml-registry."

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,40}$", var.name_prefix))
    error_message = "name_prefix must have 1-41 lower-case letters, digits and hyphens and start with a letter."
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
  description = "Region of the registry, e.g. eu-west-1."

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must look like eu-west-1."
  }
}

variable "lambda_role_name" {
  type        = string
  description = "Stem of the Lambda roles' names; the function follows after a hyphen."

  validation {
    condition     = can(regex("^[A-Za-z0-9+=,.@_-]{1,47}$", var.lambda_role_name))
    error_message = "lambda_role_name must be a valid IAM role name of at most 47 characters."
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

variable "lambda_package" {
  type        = string
  description = "Path of the ZIP file with the handlers. Give it relative to the root, under a name made of its content: the path is part of the plan."

  validation {
    condition     = endswith(var.lambda_package, ".zip")
    error_message = "lambda_package must be the path of a .zip file."
  }
}

variable "kms_key_arn" {
  type        = string
  description = "ARN of the KMS key that encrypts the artifact bucket and the ledger."

  validation {
    condition     = can(regex("^arn:aws:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a key."
  }
}

variable "alerts_topic_arn" {
  type        = string
  description = "ARN of the SNS topic of alerts."

  validation {
    condition     = can(regex("^arn:aws:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}$", var.alerts_topic_arn))
    error_message = "alerts_topic_arn must be the ARN of an SNS topic."
  }
}

variable "alerts_key_arn" {
  type        = string
  description = "ARN of the KMS key that encrypts the topic's messages."

  validation {
    condition     = can(regex("^arn:aws:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.alerts_key_arn))
    error_message = "alerts_key_arn must be the ARN of a key."
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

variable "environments" {
  type        = list(string)
  description = "Names of the environments that may have withdrawn a release."

  validation {
    condition     = alltrue([for name in var.environments : can(regex("^[a-z][a-z0-9-]{0,30}$", name))])
    error_message = "environments: every name must have 1-31 lower-case letters, digits and hyphens and start with a letter."
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
    condition     = length(var.use_cases) > 0 && alltrue([for use_case in var.use_cases : can(regex("^[A-Za-z0-9](-*[A-Za-z0-9]){0,62}$", use_case.model_package_group))])
    error_message = "use_cases must name at least one: model_package_group must have 1-63 letters, digits and hyphens, with a letter or digit at both ends."
  }

  validation {
    condition     = alltrue([for use_case in var.use_cases : use_case.approval.margin >= 0 && use_case.approval.margin <= 1])
    error_message = "use_cases: approval.margin must be a number from 0 to 1."
  }
}
