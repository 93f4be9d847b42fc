variable "name_prefix" {
  type        = string
  description = "Start of every name: project and environment, e.g. acme-ml-registry."

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,45}$", var.name_prefix))
    error_message = "name_prefix must have 1-46 lower-case letters, digits and hyphens and start with a letter."
  }
}

variable "environment" {
  type        = string
  description = "Name of the environment, as records name it."

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
  description = "ARN of the KMS key that encrypts the table."

  validation {
    condition     = can(regex("^arn:aws:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a key."
  }
}

variable "alerts_topic_arn" {
  type        = string
  description = "ARN of the SNS topic that is told when something could not be recorded."

  validation {
    condition     = can(regex("^arn:aws:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}$", var.alerts_topic_arn))
    error_message = "alerts_topic_arn must be the ARN of an SNS topic."
  }
}

variable "log_retention_days" {
  type        = number
  default     = 365
  description = "Days that the functions' logs are kept; they hold the digest of every entry, outside of the table."

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be a period that CloudWatch Logs offers, such as 30, 90 or 365."
  }
}

variable "table_name" {
  type        = string
  description = "Name of the ledger's DynamoDB table."

  validation {
    condition     = can(regex("^[A-Za-z0-9_.-]{3,255}$", var.table_name))
    error_message = "table_name must have 3-255 letters, digits and '_', '.' or '-'."
  }
}

variable "deletion_protection" {
  type        = bool
  default     = true
  description = "Whether the table refuses to be deleted, and to lose its policy and its backups. Switch it off, and apply, before the account is taken down."
}

variable "break_glass_role_name" {
  type        = string
  description = "Name of the role of this account that may correct records in an emergency."

  validation {
    condition     = can(regex("^[A-Za-z0-9+=,.@_-]{1,64}$", var.break_glass_role_name))
    error_message = "break_glass_role_name must be a valid IAM role name."
  }
}

variable "model_package_groups" {
  type        = map(string)
  description = "Name of the model package group of each use case, by use case."

  validation {
    condition     = length(var.model_package_groups) > 0
    error_message = "model_package_groups must name at least one group."
  }

  validation {
    condition     = alltrue([for group in values(var.model_package_groups) : can(regex("^[A-Za-z0-9](-*[A-Za-z0-9]){0,62}$", group))])
    error_message = "model_package_groups: every name must have 1-63 letters, digits and hyphens, with a letter or digit at both ends."
  }
}

variable "writer_accounts" {
  type        = map(string)
  description = "12-digit ids of the accounts whose roles may hand records to a function of their own, by environment name. Which of their roles do, those accounts' policies say."

  validation {
    condition     = alltrue([for account_id in values(var.writer_accounts) : can(regex("^[0-9]{12}$", account_id))])
    error_message = "writer_accounts: every account id must be 12 digits."
  }

  validation {
    condition     = alltrue([for name in keys(var.writer_accounts) : can(regex("^[a-z][a-z0-9-]{0,30}$", name))])
    error_message = "writer_accounts: every environment name must have 1-31 lower-case letters, digits and hyphens and start with a letter."
  }
}
