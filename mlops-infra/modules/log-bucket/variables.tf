variable "bucket_name" {
  type        = string
  description = "Name of the bucket for access logs."

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

variable "account_id" {
  type        = string
  description = "The 12-digit id of the account, whose buckets alone may log here."

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must be 12 digits."
  }
}

variable "source_buckets" {
  type        = set(string)
  description = "Names of the buckets whose access is logged here."

  validation {
    condition     = length(var.source_buckets) > 0 && alltrue([for name in var.source_buckets : can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", name))])
    error_message = "source_buckets must name at least one bucket: 3-63 lower-case letters, digits and hyphens, with a letter or digit at both ends."
  }

  validation {
    condition     = !contains(var.source_buckets, var.bucket_name)
    error_message = "source_buckets must not name the bucket for logs itself: its log would never stop."
  }
}

variable "retention_days" {
  type        = number
  default     = 365
  description = "Days after which a log is removed."

  validation {
    condition     = var.retention_days >= 1 && floor(var.retention_days) == var.retention_days
    error_message = "retention_days must be a whole number of at least 1."
  }
}
