variable "name_prefix" {
  type        = string
  description = "Start of every name: project and environment, e.g. acme-ml-prod."

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,48}$", var.name_prefix))
    error_message = "name_prefix must have 1-49 lower-case letters, digits and hyphens and start with a letter."
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

variable "lambda_role_name" {
  type        = string
  description = "Stem of the Lambda roles' names; the function follows after a hyphen."

  validation {
    condition     = can(regex("^[A-Za-z0-9+=,.@_-]{1,50}$", var.lambda_role_name))
    error_message = "lambda_role_name must be a valid IAM role name of at most 50 characters."
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

variable "event_bus_name" {
  type        = string
  description = "Name of the event bus that carries drift events: `default` or an existing bus of the account."

  validation {
    condition     = can(regex("^[A-Za-z0-9._/-]{1,256}$", var.event_bus_name)) && !startswith(var.event_bus_name, "aws.")
    error_message = "event_bus_name must be the name of a bus (letters, digits, . _ / -) of this account, not an ARN or a partner bus."
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
