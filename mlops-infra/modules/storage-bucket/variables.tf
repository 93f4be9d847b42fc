variable "bucket_name" {
  type        = string
  description = "Name of the bucket, as it stands in ARNs."

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

variable "bucket_id" {
  type        = string
  description = "The bucket resource's `id`: its name again, known once the bucket exists."
}

variable "kms_key_arn" {
  type        = string
  default     = null
  description = "ARN of the KMS key that encrypts objects written without a key of their own; null leaves it to keys that S3 manages."

  validation {
    condition     = var.kms_key_arn == null ? true : can(regex("^arn:aws:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a key (an alias would be looked up in the writer's account)."
  }
}

variable "log_bucket" {
  type        = string
  default     = null
  description = "Name of the bucket that receives the access logs, under the prefix `<bucket_name>/`; null logs nothing."

  validation {
    condition     = var.log_bucket != var.bucket_name
    error_message = "log_bucket must be another bucket: one that logs its own log deliveries never stops."
  }
}

variable "policy_statements" {
  type        = any
  default     = []
  description = "Statements of the bucket policy beside the one that refuses plain HTTP: a list of objects as in IAM's JSON, each with `Sid`, `Effect`, `Principal`, `Action` and `Resource`."

  validation {
    condition     = alltrue([for statement in var.policy_statements : alltrue([for key in ["Sid", "Effect", "Principal", "Action", "Resource"] : contains(keys(statement), key)])])
    error_message = "policy_statements: every statement needs Sid, Effect, Principal, Action and Resource."
  }

  validation {
    condition     = alltrue([for statement in var.policy_statements : try(statement.Principal, null) != "*" || try(statement.Effect, null) == "Deny"])
    error_message = "policy_statements: only a Deny may be about everybody."
  }
}

variable "noncurrent_version_days" {
  type        = number
  default     = 90
  description = "Days after which an overwritten or deleted version is removed; null keeps all and makes no lifecycle rule at all."

  validation {
    condition     = var.noncurrent_version_days == null ? true : var.noncurrent_version_days >= 1 && floor(var.noncurrent_version_days) == var.noncurrent_version_days
    error_message = "noncurrent_version_days must be a whole number of at least 1, or null."
  }
}

variable "expiration_days" {
  type        = map(number)
  default     = {}
  description = "Days after which an object is removed, by key prefix such as `mammography/train/`; the empty prefix stands for every object."

  validation {
    condition     = alltrue([for days in values(var.expiration_days) : days >= 1 && floor(days) == days])
    error_message = "expiration_days must be whole numbers of at least 1."
  }

  validation {
    condition     = alltrue([for prefix in keys(var.expiration_days) : prefix == "" || can(regex("^[^/].*/$", prefix))])
    error_message = "expiration_days: a prefix must end in a slash and not start with one."
  }

  validation {
    condition     = length(var.expiration_days) == 0 || var.noncurrent_version_days != null
    error_message = "expiration_days needs noncurrent_version_days: expired objects would stay as old versions."
  }
}
