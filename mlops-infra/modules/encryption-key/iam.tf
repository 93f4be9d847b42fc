locals {
  # Without this statement no IAM policy of the account could grant the key's use, and the key
  # could become unmanageable. It gives nothing to anybody by itself: an IAM policy must allow too.
  # Resource "*" in a key policy means this key only.
  # https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
  account_statement = {
    Sid       = "AccountPoliciesDecide"
    Effect    = "Allow"
    Principal = { AWS = "arn:aws:iam::${var.account_id}:root" }
    Action    = "kms:*"
    Resource  = "*"
  }

  # What S3 asks of KMS in a caller's name: to read an object, and to write one (in parts too).
  # https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
  actions = {
    read       = ["kms:Decrypt"]
    read-write = ["kms:Decrypt", "kms:GenerateDataKey"]
  }

  # The account is the principal and the role stands in a condition: KMS refuses a policy that
  # names a role which does not exist yet, and accounts are applied in any order. Foreign accounts
  # reach the key through S3 objects only.
  user_statements = [
    for name, user in var.users : {
      Sid       = "UseFrom${replace(title(name), "/[^A-Za-z0-9]/", "")}"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::${user.account_id}:root" }
      Action    = local.actions[user.access]
      Resource  = "*"
      Condition = {
        ArnEquals    = { "aws:PrincipalArn" = [for role in user.roles : "arn:aws:iam::${user.account_id}:role/${role}"] }
        StringEquals = { "kms:ViaService" = "s3.${var.region}.amazonaws.com" }
      }
    }
  ]
}
