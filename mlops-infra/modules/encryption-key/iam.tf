locals {
  # Without this statement no IAM policy of the account could grant the key's use, and the key
  # could become unmanageable. Resource "*" in a key policy means this key only.
  account_statement = {
    Sid       = "AccountPoliciesDecide"
    Effect    = "Allow"
    Principal = { AWS = "arn:aws:iam::${var.account_id}:root" }
    Action    = "kms:*"
    Resource  = "*"
  }

  actions = {
    read       = ["kms:Decrypt", "kms:DescribeKey"]
    read-write = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"]
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
        ArnLike      = { "aws:PrincipalArn" = [for role in user.roles : "arn:aws:iam::${user.account_id}:role/${role}"] }
        StringEquals = { "kms:ViaService" = "s3.${var.region}.amazonaws.com" }
      }
    }
  ]
}
