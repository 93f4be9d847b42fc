# The bucket exists before Terraform can run in the account (`promote bootstrap` creates it bare);
# the root that calls this module adopts it with an `import` block.
resource "aws_s3_bucket" "this" {
  #checkov:skip=CKV_AWS_144:The platform runs in one region; earlier states stay as versions.
  #checkov:skip=CKV_AWS_145:A key made by this root would be locked away with the state that describes it.
  #checkov:skip=CKV2_AWS_61:Every version of the state is kept: it is small, and the way back from a bad apply.
  #checkov:skip=CKV2_AWS_62:Nothing reacts to a new state.
  bucket = var.bucket_name

  lifecycle {
    # Losing the state means losing track of everything else in the account.
    prevent_destroy = true
  }
}

module "storage" {
  source = "../storage-bucket"

  bucket_name             = var.bucket_name
  bucket_id               = aws_s3_bucket.this.id
  log_bucket              = var.log_bucket
  noncurrent_version_days = null
}
