variable "bucket_name" {
  type        = string
  description = "Name of the environment's data bucket."

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.bucket_name))
    error_message = "bucket_name must have 3-63 lower-case letters, digits and hyphens, with a letter or digit at both ends."
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

variable "noncurrent_version_days" {
  type        = number
  default     = 90
  description = "Days after which an overwritten or deleted version is removed."

  validation {
    condition     = var.noncurrent_version_days >= 1 && floor(var.noncurrent_version_days) == var.noncurrent_version_days
    error_message = "noncurrent_version_days must be a whole number of at least 1."
  }
}
