variable "alias" {
  type        = string
  description = "Alias of the key, without the `alias/` prefix."

  validation {
    condition     = can(regex("^[A-Za-z0-9/_-]{1,250}$", var.alias)) && !startswith(var.alias, "aws/") && !startswith(var.alias, "alias/")
    error_message = "alias must have 1-250 letters, digits, '/', '_' or '-' and must start with neither 'aws/' nor 'alias/'."
  }
}

variable "description" {
  type        = string
  description = "What the key encrypts, as shown in the KMS console."

  validation {
    condition     = length(var.description) >= 1 && length(var.description) <= 8192
    error_message = "description must say what the key encrypts, in at most 8192 characters."
  }
}

variable "account_id" {
  type        = string
  description = "The 12-digit id of the account that owns the key."

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must be 12 digits."
  }
}

variable "region" {
  type        = string
  description = "Region of the key, e.g. eu-west-1."

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must look like eu-west-1."
  }
}

variable "users" {
  type = map(object({
    account_id = string
    roles      = list(string)
    access     = string
  }))
  default     = {}
  description = <<-EOT
    Roles of other accounts that may use the key through S3, by a name of your choice.
    `account_id`: their 12-digit account id. `roles`: role names, each in full.
    `access`: `read` (decrypt) or `read-write` (decrypt and encrypt).
  EOT

  validation {
    condition     = alltrue([for user in var.users : can(regex("^[0-9]{12}$", user.account_id))])
    error_message = "users: every account_id must be 12 digits."
  }

  validation {
    condition     = alltrue([for user in var.users : user.account_id != var.account_id])
    error_message = "users are roles of other accounts; within the account IAM policies decide."
  }

  validation {
    condition     = alltrue([for user in var.users : contains(["read", "read-write"], user.access)])
    error_message = "users: access must be read or read-write."
  }

  validation {
    condition     = alltrue([for user in var.users : length(user.roles) > 0 && alltrue([for role in user.roles : can(regex("^[A-Za-z0-9+=,.@_-]{1,64}$", role))])])
    error_message = "users: roles must list at least one role by its name; patterns are not accepted."
  }
}
