# Bucket, key and region come from the environment file: `promote` passes them to `terraform init`.
terraform {
  backend "s3" {}
}
