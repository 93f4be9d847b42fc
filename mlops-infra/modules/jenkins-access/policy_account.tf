# What every account needs: its Terraform state, its own access roles, its keys and buckets.
locals {
  is_tooling   = var.kind == "tooling"
  role_prefix  = "arn:aws:iam::${var.account_id}:role"
  jenkins_arns = ["arn:aws:iam::${var.tooling_account_id}:role/${var.roles.jenkins}", "arn:aws:iam::${var.tooling_account_id}:user/${var.jenkins_user_name}"]

  # An account has the policies of its kind and no others.
  policy_names = {
    tooling  = ["terraform", "storage"]
    registry = ["terraform", "storage", "registry"]
    workload = ["terraform", "storage", "workload", "pipelines"]
  }

  policies = {
    for name, statements in {
      terraform = concat(local.state_statements, local.iam_statements)
      storage   = concat(local.bucket_statements, [for statement in local.key_statements : statement if !local.is_tooling])
      registry  = local.registry_statements
      workload  = local.workload_statements
      pipelines = local.pipeline_statements
    } : name => statements if contains(local.policy_names[var.kind], name)
  }

  state_arn   = "arn:aws:s3:::${var.owned_buckets["state"]}"
  bucket_arns = [for bucket in values(var.owned_buckets) : "arn:aws:s3:::${bucket}"]

  state_statements = [
    {
      Sid      = "ReadAndWriteState"
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject"]
      Resource = "${local.state_arn}/accounts/*"
    },
    {
      Sid      = "ReleaseStateLock"
      Effect   = "Allow"
      Action   = "s3:DeleteObject"
      Resource = "${local.state_arn}/accounts/*.tflock"
    },
  ]

  iam_statements = concat(
    [
      {
        # The roles that decide who may deploy and approve are read only here: an administrator
        # changes them, so that Jenkins cannot widen its own rights.
        Sid    = "ReadRoles"
        Effect = "Allow"
        Action = [
          "iam:GetInstanceProfile", "iam:GetPolicy", "iam:GetPolicyVersion", "iam:GetRole", "iam:GetRolePolicy",
          "iam:ListAttachedRolePolicies", "iam:ListInstanceProfilesForRole", "iam:ListPolicyVersions", "iam:ListRolePolicies",
        ]
        Resource = concat(
          [for name in local.access_role_names : "${local.role_prefix}/${name}"],
          local.managed_role_arns,
          ["arn:aws:iam::${var.account_id}:policy/${var.roles.deploy}-*", "arn:aws:iam::${var.account_id}:instance-profile/${var.roles.jenkins}"],
        )
      },
    ],
    length(local.managed_role_arns) == 0 ? [] : [
      {
        Sid    = "ManageWorkloadRoles"
        Effect = "Allow"
        Action = [
          "iam:CreateRole", "iam:DeleteRole", "iam:DeleteRolePolicy", "iam:PutRolePolicy", "iam:TagRole", "iam:UntagRole",
          "iam:UpdateAssumeRolePolicy", "iam:UpdateRole", "iam:UpdateRoleDescription",
        ]
        Resource = local.managed_role_arns
      },
    ],
  )

  access_role_names = concat(
    [var.roles.deploy],
    local.is_tooling ? [var.roles.jenkins] : [],
    var.kind == "registry" ? [var.roles.approver] : [],
  )

  managed_role_arns = var.kind != "workload" ? [] : [
    "${local.role_prefix}/${var.roles.execution}-*",
    "${local.role_prefix}/${var.roles.lambda}-*",
    "${local.role_prefix}/${var.roles.events}",
  ]
}
