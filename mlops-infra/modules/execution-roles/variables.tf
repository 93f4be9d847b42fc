variable "environment" {
  type        = string
  description = "Name of the environment; its prefix in the artifact bucket."

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,30}$", var.environment))
    error_message = "environment must have 1-31 lower-case letters, digits and hyphens and start with a letter."
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
  description = "Region of the account's resources, e.g. eu-west-1."

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must look like eu-west-1."
  }
}

variable "registry_account_id" {
  type        = string
  description = "The 12-digit id of the account that holds the model package groups and the artifact bucket."

  validation {
    condition     = can(regex("^[0-9]{12}$", var.registry_account_id))
    error_message = "registry_account_id must be 12 digits."
  }
}

variable "role_name" {
  type        = string
  description = "Stem of the roles' names; the use case follows after a hyphen."

  validation {
    condition     = can(regex("^[A-Za-z0-9+=,.@_-]{1,63}$", var.role_name))
    error_message = "role_name must be a valid IAM role name."
  }

  validation {
    condition     = alltrue([for use_case in keys(var.model_package_groups) : length("${var.role_name}-${use_case}") <= 64])
    error_message = "the role_name and the use case's name together may have at most 64 characters, which is IAM's limit."
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

variable "model_package_groups" {
  type        = map(string)
  description = "Name of the model package group of each use case, by use case."

  validation {
    condition     = alltrue([for group in values(var.model_package_groups) : can(regex("^[A-Za-z0-9](-*[A-Za-z0-9]){0,62}$", group))])
    error_message = "model_package_groups: every name must have 1-63 letters, digits and hyphens, with a letter or digit at both ends."
  }
}

variable "data_bucket" {
  type        = string
  description = "Name of the environment's data bucket."

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.data_bucket))
    error_message = "data_bucket must have 3-63 lower-case letters, digits and hyphens, with a letter or digit at both ends."
  }
}

variable "artifact_bucket" {
  type        = string
  description = "Name of the bucket for model artifacts, in the registry account."

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.artifact_bucket))
    error_message = "artifact_bucket must have 3-63 lower-case letters, digits and hyphens, with a letter or digit at both ends."
  }
}

variable "kms_key_arn" {
  type        = string
  description = "ARN of the environment's data key."

  validation {
    condition     = can(regex("^arn:aws:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a key."
  }
}

variable "foreign_key_accounts" {
  type        = list(string)
  description = "12-digit ids of the accounts whose data keys may have encrypted a registered model; their key policies decide."

  validation {
    condition     = alltrue([for account_id in var.foreign_key_accounts : can(regex("^[0-9]{12}$", account_id))])
    error_message = "foreign_key_accounts: every id must be 12 digits."
  }
}

variable "function_arns" {
  type        = list(string)
  description = "ARNs of the Lambda functions that pipelines call."

  validation {
    condition     = length(var.function_arns) > 0 && alltrue([for arn in var.function_arns : can(regex("^arn:aws:lambda:[a-z0-9-]+:[0-9]{12}:function:[A-Za-z0-9_-]+$", arn))])
    error_message = "function_arns must list at least one ARN of a Lambda function, without version or alias."
  }
}

variable "images" {
  type        = list(string)
  description = "URIs of the ECR images that jobs run."

  validation {
    condition     = length(var.images) > 0 && alltrue([for image in var.images : can(regex("^[0-9]{12}[.]dkr[.]ecr[.][a-z0-9-]+[.]amazonaws[.]com/[a-z0-9._/-]+(:[A-Za-z0-9._-]+|@sha256:[0-9a-f]{64})$", image))])
    error_message = "images must list at least one ECR image URI with a tag or digest: <account>.dkr.ecr.<region>.amazonaws.com/<name>:<tag>."
  }
}
