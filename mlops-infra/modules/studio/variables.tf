variable "name" {
  type        = string
  description = "Name of the domain: project and environment, e.g. acme-ml-dev."

  validation {
    condition     = can(regex("^[A-Za-z0-9](-*[A-Za-z0-9]){0,62}$", var.name))
    error_message = "name must have 1-63 letters, digits and hyphens, with a letter or digit at both ends."
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

variable "vpc_id" {
  type        = string
  description = "VPC that notebooks run in."

  validation {
    condition     = can(regex("^vpc-([0-9a-f]{8}|[0-9a-f]{17})$", var.vpc_id))
    error_message = "vpc_id must look like vpc-0123456789abcdef0."
  }
}

variable "subnet_ids" {
  type        = set(string)
  description = "Subnets of the VPC for notebooks, one at least."

  validation {
    condition     = length(var.subnet_ids) > 0 && alltrue([for id in var.subnet_ids : can(regex("^subnet-([0-9a-f]{8}|[0-9a-f]{17})$", id))])
    error_message = "subnet_ids must list at least one subnet such as subnet-0123456789abcdef0."
  }
}

variable "role_name" {
  type        = string
  description = "Name of the role that notebooks run as."

  validation {
    condition     = can(regex("^[A-Za-z0-9+=,.@_-]{1,64}$", var.role_name))
    error_message = "role_name must be a valid IAM role name of at most 64 characters."
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

variable "kms_key_arn" {
  type        = string
  description = "ARN of the environment's data key, which also encrypts home folders and volumes."

  validation {
    condition     = can(regex("^arn:aws:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a key."
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

variable "use_cases" {
  type        = set(string)
  description = "Use cases whose data notebooks may read: their folders in the data bucket."

  validation {
    condition     = length(var.use_cases) > 0 && alltrue([for name in var.use_cases : can(regex("^[a-z][a-z0-9-]{0,30}$", name))])
    error_message = "use_cases: every name must have 1-31 lower-case letters, digits and hyphens and start with a letter."
  }

  validation {
    condition     = !contains(var.use_cases, "studio")
    error_message = "use_cases: no use case may be called studio: the role and the folder of that name are the notebooks'."
  }
}

variable "pipeline_names" {
  type        = set(string)
  description = "Names of the SageMaker pipelines whose runs notebooks may look at."

  validation {
    condition     = length(var.pipeline_names) > 0 && alltrue([for name in var.pipeline_names : can(regex("^[a-z0-9](-*[a-z0-9]){0,254}$", name))])
    error_message = "pipeline_names must list at least one name of lower-case letters, digits and hyphens."
  }
}
