variable "bucket_name" {
  type        = string
  description = "Name of the bucket for model artifacts and releases."

  # Stricter than S3 in one point: dots, because they break TLS to the bucket's own host name.
  # https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.bucket_name))
    error_message = "bucket_name must have 3-63 lower-case letters, digits and hyphens, with a letter or digit at both ends."
  }

  validation {
    condition     = !can(regex("^(xn--|sthree-|amzn-s3-demo-)|(-s3alias|--ol-s3|--x-s3|--table-s3)$", var.bucket_name))
    error_message = "bucket_name must not start with xn--, sthree- or amzn-s3-demo- nor end in -s3alias, --ol-s3, --x-s3 or --table-s3: S3 reserves these."
  }
}

variable "kms_key_arn" {
  type        = string
  description = "ARN of the KMS key that encrypts objects written without a key of their own."

  validation {
    condition     = can(regex("^arn:aws:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a key (an alias would be looked up in the writer's account)."
  }
}

variable "log_bucket" {
  type        = string
  description = "Name of the bucket that receives the access logs; `log-bucket` makes it."

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.log_bucket)) && var.log_bucket != var.bucket_name
    error_message = "log_bucket must be the name of another bucket: 3-63 lower-case letters, digits and hyphens, with a letter or digit at both ends."
  }
}

variable "workload_accounts" {
  type        = map(string)
  description = "12-digit account id of each workload environment, by environment name. The name is the prefix that the environment may write."

  validation {
    condition     = alltrue([for account_id in values(var.workload_accounts) : can(regex("^[0-9]{12}$", account_id))])
    error_message = "workload_accounts: every account id must be 12 digits."
  }

  validation {
    condition     = alltrue([for name in keys(var.workload_accounts) : can(regex("^[a-z][a-z0-9-]{0,30}$", name))])
    error_message = "workload_accounts: every environment name must have 1-31 lower-case letters, digits and hyphens and start with a letter."
  }

  validation {
    condition     = !contains(keys(var.workload_accounts), "releases")
    error_message = "workload_accounts: no environment may be called releases; the prefix is kept for releases."
  }
}

variable "serves_models_of" {
  type        = map(set(string))
  default     = {}
  description = "Other workload environments whose models an environment serves and may therefore read, by environment."

  validation {
    condition     = alltrue([for name in flatten([keys(var.serves_models_of), [for others in values(var.serves_models_of) : tolist(others)]]) : contains(keys(var.workload_accounts), name)])
    error_message = "serves_models_of: every name must be one of workload_accounts."
  }
}

variable "use_cases" {
  type        = set(string)
  description = "Names of the use cases; each may write `<environment>/<use case>/` and nothing else."

  validation {
    condition     = alltrue([for name in var.use_cases : can(regex("^[a-z][a-z0-9-]{0,30}$", name))])
    error_message = "use_cases: every name must have 1-31 lower-case letters, digits and hyphens and start with a letter."
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
  description = "Name of the deploy role in the workload accounts; it may write, read and remove probes under `<environment>/.doctor/`."

  validation {
    condition     = can(regex("^[A-Za-z0-9+=,.@_-]{1,64}$", var.deploy_role_name))
    error_message = "deploy_role_name must be a valid IAM role name."
  }
}

variable "build_role_arn" {
  type        = string
  description = "ARN of the role in the tooling account that publishes releases."

  validation {
    condition     = can(regex("^arn:aws:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_-]{1,64}$", var.build_role_arn))
    error_message = "build_role_arn must be the ARN of one IAM role."
  }
}

variable "intermediate_days" {
  type        = number
  default     = 90
  description = "Days after which an object under `<environment>/<use case>/intermediate/` is removed."

  validation {
    condition     = var.intermediate_days >= 1 && floor(var.intermediate_days) == var.intermediate_days
    error_message = "intermediate_days must be a whole number of at least 1."
  }
}

variable "noncurrent_version_days" {
  type        = number
  default     = 90
  description = "Days after which an overwritten or deleted version is removed."

  validation {
    condition     = var.noncurrent_version_days >= 1 && floor(var.noncurrent_version_days) == var.noncurrent_version_days
    error_message = "noncurrent_version_days must be a whole number of at least 1."
  }
}
