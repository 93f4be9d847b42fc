# What the deploy role may never do. It manages the policies of buckets, groups and tables, and could
# otherwise write itself into one of them: within an account a resource's policy alone lets a
# principal in, an explicit deny of the principal's own keeps it out.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics-req-ctx.html
locals {
  readable_object_arns = concat(["${local.state_bucket_arn}/*"], var.kind == "workload" ? [local.code_arn] : [])

  guards = concat(
    [
      {
        # Neither training data nor model artifacts.
        Sid         = "ReadNoData"
        Effect      = "Deny"
        Action      = ["s3:GetObject", "s3:GetObjectVersion"]
        NotResource = local.readable_object_arns
      },
      {
        Sid      = "KeepBoundaries"
        Effect   = "Deny"
        Action   = ["iam:DeleteRolePermissionsBoundary", "iam:PutRolePermissionsBoundary"]
        Resource = "${local.role_prefix}/*"
      },
      {
        Sid      = "KeepPolicies"
        Effect   = "Deny"
        Action   = ["iam:AttachRolePolicy", "iam:CreatePolicyVersion", "iam:DeletePolicy", "iam:DeletePolicyVersion", "iam:DetachRolePolicy", "iam:SetDefaultPolicyVersion"]
        Resource = ["${local.role_prefix}/*", "arn:aws:iam::${var.account_id}:policy/*"]
      },
    ],
    [for statement in local.registry_guards : statement if var.kind == "registry"],
  )

  # The boundary carries them too: they hold for every role that the deploy role makes.
  registry_guards = [
    {
      Sid      = "ApproveNothing"
      Effect   = "Deny"
      Action   = "sagemaker:UpdateModelPackage"
      Resource = local.package_arns
    },
    {
      Sid      = "KeepLedger"
      Effect   = "Deny"
      Action   = ["dynamodb:DeleteItem", "dynamodb:DeleteTable", "dynamodb:UpdateItem"]
      Resource = local.ledger_arn
    },
  ]
}
