variable "topic_name" {
  type        = string
  description = "Name of the SNS topic."

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,256}$", var.topic_name))
    error_message = "topic_name must have 1-256 letters, digits, '_' or '-'."
  }
}

variable "key_alias" {
  type        = string
  description = "Alias of the topic's KMS key, without the `alias/` prefix."

  validation {
    condition     = can(regex("^[A-Za-z0-9/_-]{1,250}$", var.key_alias)) && !startswith(var.key_alias, "aws/") && !startswith(var.key_alias, "alias/")
    error_message = "key_alias must have 1-250 letters, digits, '/', '_' or '-' and must start with neither 'aws/' nor 'alias/'."
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
  description = "Region of the topic, e.g. eu-west-1."

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must look like eu-west-1."
  }
}

variable "emails" {
  type        = set(string)
  description = "Addresses that receive every alert."

  validation {
    condition     = alltrue([for email in var.emails : can(regex("^[^@\\s]+@[^@\\s]+[.][^@\\s]+$", email))])
    error_message = "emails: every entry must be an e-mail address."
  }
}
