# What the deploy role may never do. It manages the policies of buckets, groups and tables, and could
# otherwise write itself into one of them: within an account a resource's policy alone lets a
# principal in, an explicit deny of the principal's own keeps it out.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics-req-ctx.html
locals {
  own_object_arns = concat(["${local.state_bucket_arn}/*"], var.kind == "workload" ? [local.code_arn, local.artifact_probe_arn] : [])

  ledger_log_arns   = ["${local.logs}:/aws/lambda/${local.name_prefix}-ledger*"]
  ledger_role_names = concat(["ledger", "ledger-${var.environment}"], [for name in keys(var.linked_accounts) : "ledger-${name}"])

  guards = concat(
    [
      {
        # Neither training data nor model artifacts.
        Sid         = "TouchNoData"
        Effect      = "Deny"
        Action      = ["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"]
        NotResource = local.own_object_arns
      },
      {
        # It writes trust policies and functions' policies: it must not enter by them.
        Sid      = "BecomeNobodyElse"
        Effect   = "Deny"
        Action   = "sts:AssumeRole"
        Resource = "*"
      },
      {
        # Whatever a function's policy says; the one is where it states what it has applied.
        Sid         = "InvokeNothingElse"
        Effect      = "Deny"
        Action      = "lambda:InvokeFunction"
        NotResource = local.statements_arn
      },
      {
        # What a key encrypts is lost with it. It writes keys' policies, so that no Allow decides.
        Sid      = "KeepKeys"
        Effect   = "Deny"
        Action   = ["kms:DisableKey", "kms:ScheduleKeyDeletion"]
        Resource = local.keys_arn
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
    [for statement in concat(local.registry_guards, local.registry_deploy_guards) : statement if var.kind == "registry"],
  )

  registry_guards = concat(
    [
      {
        Sid      = "ApproveNothing"
        Effect   = "Deny"
        Action   = ["sagemaker:CreateModelPackage", "sagemaker:DeleteModelPackage", "sagemaker:UpdateModelPackage"]
        Resource = concat(local.group_arns, local.package_arns)
      },
    ],
    local.ledger_guards,
  )

  # The boundary carries it too: it holds for every role that the deploy role makes.
  ledger_guards = [
    {
      Sid    = "KeepLedger"
      Effect = "Deny"
      Action = [
        "dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:DeleteTable", "dynamodb:PartiQLDelete",
        "dynamodb:PartiQLInsert", "dynamodb:PartiQLUpdate", "dynamodb:UpdateItem", "dynamodb:UpdateTimeToLive",
      ]
      Resource = local.ledger_arn
    },
  ]

  registry_deploy_guards = [
    {
      Sid      = "WriteNoRecord"
      Effect   = "Deny"
      Action   = "dynamodb:PutItem"
      Resource = local.ledger_arn
    },
    {
      # The heads of the chain stand in the log, outside of the table.
      Sid      = "KeepLedgerLog"
      Effect   = "Deny"
      Action   = ["logs:DeleteLogGroup", "logs:DeleteLogStream"]
      Resource = local.ledger_log_arns
    },
  ]

  registry_boundary_guards = concat(local.decision_guards, local.ledger_guards, [
    {
      Sid       = "OneLedgerWriter"
      Effect    = "Deny"
      Action    = "dynamodb:PutItem"
      Resource  = local.ledger_arn
      Condition = { ArnNotEquals = { "aws:PrincipalArn" = [for name in local.ledger_role_names : "${local.role_prefix}/${var.roles.lambda}-${name}"] } }
    },
  ])

  # No role that the deploy role makes registers, removes or decides on a version. One of them may put a
  # version back to pending: the review of approvals, where an environment's file asks for it.
  decision_guards = [
    {
      Sid      = "ApproveNothing"
      Effect   = "Deny"
      Action   = ["sagemaker:CreateModelPackage", "sagemaker:DeleteModelPackage"]
      Resource = concat(local.group_arns, local.package_arns)
    },
    {
      Sid       = "OnlyReviewReopens"
      Effect    = "Deny"
      Action    = "sagemaker:UpdateModelPackage"
      Resource  = local.package_arns
      Condition = { ArnNotEquals = { "aws:PrincipalArn" = "${local.role_prefix}/${var.roles.lambda}-approval-review" } }
    },
    {
      # A request without a status lacks the key, and is denied too.
      Sid       = "ReviewOnlyReopens"
      Effect    = "Deny"
      Action    = "sagemaker:UpdateModelPackage"
      Resource  = local.package_arns
      Condition = { StringNotEquals = { "sagemaker:ModelApprovalStatus" = "PendingManualApproval" } }
    },
  ]
}
