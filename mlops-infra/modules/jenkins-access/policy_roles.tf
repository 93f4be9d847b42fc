# The roles of pipelines, functions and rules. Whatever Jenkins writes into one of them, the
# boundary caps it.
locals {
  managed_role_arns = concat(
    var.kind == "workload" ? ["${local.role_prefix}/${var.roles.execution}-*"] : [],
    ["${local.role_prefix}/${var.roles.lambda}-*", "${local.role_prefix}/${var.roles.events}-*"],
  )

  roles_read = [
    {
      Sid      = "ReadRoles"
      Effect   = "Allow"
      Action   = ["iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"]
      Resource = local.managed_role_arns
    },
  ]

  roles_change = [
    {
      # Of a role that exists the condition's value is the boundary that it carries, of a new one
      # the boundary that it would get.
      # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
      Sid       = "ManageRolesUnderBoundary"
      Effect    = "Allow"
      Action    = ["iam:CreateRole", "iam:DeleteRole", "iam:DeleteRolePolicy", "iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy", "iam:UpdateRole", "iam:UpdateRoleDescription"]
      Resource  = local.managed_role_arns
      Condition = { StringEquals = { "iam:PermissionsBoundary" = local.boundary_arn } }
    },
    {
      # Terraform asks for a role's instance profiles before it deletes the role.
      Sid      = "TagAndReleaseRoles"
      Effect   = "Allow"
      Action   = ["iam:ListInstanceProfilesForRole", "iam:TagRole"]
      Resource = local.managed_role_arns
    },
    {
      Sid       = "HandRolesToLambda"
      Effect    = "Allow"
      Action    = "iam:PassRole"
      Resource  = "${local.role_prefix}/${var.roles.lambda}-*"
      Condition = { StringEquals = { "iam:PassedToService" = "lambda.amazonaws.com" } }
    },
    {
      Sid       = "HandRolesToEventBridge"
      Effect    = "Allow"
      Action    = "iam:PassRole"
      Resource  = "${local.role_prefix}/${var.roles.events}-*"
      Condition = { StringEquals = { "iam:PassedToService" = "events.amazonaws.com" } }
    },
  ]
}
