variable "bucket_name" {
  type        = string
  description = "Name of the environment's data bucket."

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

variable "use_cases" {
  type        = set(string)
  description = "Names of the use cases, each of which has a prefix of its own."

  validation {
    condition     = alltrue([for name in var.use_cases : can(regex("^[a-z][a-z0-9-]{0,30}$", name))])
    error_message = "use_cases: every name must have 1-31 lower-case letters, digits and hyphens and start with a letter."
  }

  validation {
    condition     = !anytrue([for name in var.use_cases : contains(["alerts", "code", "studio"], name)])
    error_message = "use_cases: alerts, code and studio are prefixes of the data bucket that are no use case's."
  }
}

variable "intermediate_days" {
  type        = number
  default     = 90
  description = "Days after which what a pipeline run leaves under `<use case>/train/` and `<use case>/inference/` is removed."

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
