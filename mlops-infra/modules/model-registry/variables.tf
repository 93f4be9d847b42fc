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

variable "model_package_groups" {
  type        = map(string)
  description = "Name of the model package group of each use case, by use case."

  validation {
    condition     = length(var.model_package_groups) > 0
    error_message = "model_package_groups must name the group of at least one use case."
  }

  validation {
    condition     = alltrue([for group in values(var.model_package_groups) : can(regex("^[A-Za-z0-9](-*[A-Za-z0-9]){0,62}$", group))])
    error_message = "model_package_groups: every name must have 1-63 letters, digits and hyphens, with a letter or digit at both ends."
  }

  validation {
    condition     = length(distinct(values(var.model_package_groups))) == length(var.model_package_groups)
    error_message = "model_package_groups: two use cases cannot share a group."
  }
}

variable "workload_accounts" {
  type        = map(string)
  description = "12-digit account id of each workload environment, by environment name."

  validation {
    condition     = alltrue([for account_id in values(var.workload_accounts) : can(regex("^[0-9]{12}$", account_id))])
    error_message = "workload_accounts: every account id must be 12 digits."
  }
}

variable "execution_role_name" {
  type        = string
  description = "Stem of the SageMaker execution roles' names in the workload accounts; the use case follows after a hyphen."

  validation {
    condition     = can(regex("^[A-Za-z0-9+=,.@_-]{1,63}$", var.execution_role_name))
    error_message = "execution_role_name must be a valid IAM role name."
  }
}

variable "lambda_role_name" {
  type        = string
  description = "Stem of the Lambda roles' names in the workload accounts; the function follows after a hyphen."

  validation {
    condition     = can(regex("^[A-Za-z0-9+=,.@_-]{1,50}$", var.lambda_role_name))
    error_message = "lambda_role_name must be a valid IAM role name of at most 50 characters."
  }
}

variable "deploy_role_name" {
  type        = string
  description = "Name of the role in the workload accounts that deploys pipelines; it may look up groups."

  validation {
    condition     = can(regex("^[A-Za-z0-9+=,.@_-]{1,64}$", var.deploy_role_name))
    error_message = "deploy_role_name must be a valid IAM role name."
  }
}

variable "plan_role_name" {
  type        = string
  description = "Name of the role in the workload accounts that plans deployments; it may look up groups."

  validation {
    condition     = can(regex("^[A-Za-z0-9+=,.@_-]{1,64}$", var.plan_role_name))
    error_message = "plan_role_name must be a valid IAM role name."
  }
}

variable "approver_role_name" {
  type        = string
  description = "Name of the role of the people who decide on model versions, in the registry account."

  validation {
    condition     = can(regex("^[A-Za-z0-9+=,.@_-]{1,64}$", var.approver_role_name))
    error_message = "approver_role_name must be a valid IAM role name."
  }
}
