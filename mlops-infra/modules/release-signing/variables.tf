variable "project" {
  type        = string
  description = "Project name; the key's alias starts with it."

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,30}$", var.project))
    error_message = "project must have 1-31 lower-case letters, digits and hyphens and start with a letter."
  }
}

variable "account_id" {
  type        = string
  description = "The 12-digit id of the tooling account, in which key and role are."

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must be 12 digits."
  }
}

variable "registry_account_id" {
  type        = string
  description = "The 12-digit id of the account in which releases are stored."

  validation {
    condition     = can(regex("^[0-9]{12}$", var.registry_account_id)) && var.registry_account_id != var.account_id
    error_message = "registry_account_id must be 12 digits, and another account than account_id."
  }
}

variable "region" {
  type        = string
  description = "Region of the key and of the bucket, e.g. eu-west-1."

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must look like eu-west-1."
  }
}

variable "external_id" {
  type        = string
  description = "External id that Jenkins must state to assume the role."

  validation {
    # Terraform's regular expressions count to 1000 only, so the length stands apart.
    # https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
    condition     = can(regex("^[A-Za-z0-9_+=,.@:/-]+$", var.external_id)) && length(var.external_id) >= 2 && length(var.external_id) <= 1224
    error_message = "external_id must have 2-1224 letters, digits and _+=,.@:/-."
  }
}

variable "jenkins_role_name" {
  type        = string
  description = "Name of Jenkins' own role, in the same account."

  validation {
    condition     = can(regex("^[A-Za-z0-9+=,.@_-]{1,64}$", var.jenkins_role_name))
    error_message = "jenkins_role_name must be a valid IAM role name."
  }
}

variable "build_role_name" {
  type        = string
  description = "Name of the role that signs and publishes releases."

  validation {
    condition     = can(regex("^[A-Za-z0-9+=,.@_-]{1,64}$", var.build_role_name)) && var.build_role_name != var.jenkins_role_name
    error_message = "build_role_name must be a valid IAM role name, other than Jenkins' own."
  }
}

variable "artifact_bucket" {
  type        = string
  description = "Name of the bucket in which releases are stored, under `releases/`; in the registry account."

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.artifact_bucket))
    error_message = "artifact_bucket must have 3-63 lower-case letters, digits and hyphens, with a letter or digit at both ends."
  }
}
