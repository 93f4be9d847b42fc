# The key that signs what a release is, and the one role that may use it: the release's builder.
resource "aws_kms_key" "this" {
  #checkov:skip=CKV_AWS_7:KMS rotates symmetric keys only; a new key would make earlier signatures those of a stranger.
  description              = "Signs the provenance of releases"
  customer_master_key_spec = "ECC_NIST_P256"
  key_usage                = "SIGN_VERIFY"
  deletion_window_in_days  = 30
  policy                   = jsonencode({ Version = "2012-10-17", Statement = local.key_statements })
}

resource "aws_kms_alias" "this" {
  name          = "alias/${var.project}-release-signing"
  target_key_id = aws_kms_key.this.key_id
}

resource "aws_iam_role" "this" {
  name                 = var.build_role_name
  description          = "Assumed by Jenkins to sign and publish releases"
  max_session_duration = 3600
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Jenkins"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::${var.account_id}:root" }
        Action    = "sts:AssumeRole"
        Condition = {
          ArnEquals    = { "aws:PrincipalArn" = "arn:aws:iam::${var.account_id}:role/${var.jenkins_role_name}" }
          StringEquals = { "sts:ExternalId" = var.external_id }
        }
      },
    ]
  })
}

resource "aws_iam_role_policy" "this" {
  name   = "sign-and-publish-releases"
  role   = aws_iam_role.this.name
  policy = jsonencode({ Version = "2012-10-17", Statement = local.role_statements })
}
