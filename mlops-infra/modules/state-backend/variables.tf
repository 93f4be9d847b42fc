variable "bucket_name" {
  type        = string
  description = "Name of the existing bucket that holds the account's Terraform state."

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

variable "log_bucket" {
  type        = string
  description = "Name of the bucket that receives the access logs; `log-bucket` makes it."

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.log_bucket)) && var.log_bucket != var.bucket_name
    error_message = "log_bucket must be the name of another bucket: 3-63 lower-case letters, digits and hyphens, with a letter or digit at both ends."
  }
}
