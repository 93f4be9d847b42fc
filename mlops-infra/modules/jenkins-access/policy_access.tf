# What `promote bootstrap` makes: the buckets for state and access logs and the roles that decide who may deploy and
# approve. Jenkins plans them and never changes them, so that it cannot widen its own rights.
locals {
  build_log        = "jenkins-log"
  build_log_arn    = "arn:aws:logs:${var.region}:${var.account_id}:log-group:${local.build_log}"
  build_alerts_arn = "arn:aws:sns:${var.region}:${var.account_id}:${var.project}-jenkins-alerts"

  access_role_names = concat(
    [var.roles.deploy, var.roles.plan],
    local.is_tooling ? [var.roles.jenkins, var.roles.build] : [],
    var.kind == "registry" ? [var.roles.approver, var.roles.auditor, var.roles.break_glass] : [],
  )

  access_look = concat(
    [
      {
        Sid    = "ReadAccessRoles"
        Effect = "Allow"
        # Roles of Jenkins have managed policies; its own role and those of people have inline ones.
        Action   = concat(["iam:GetRole", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"], var.kind == "workload" ? [] : ["iam:GetRolePolicy"])
        Resource = [for name in local.access_role_names : "${local.role_prefix}/${name}"]
      },
      {
        Sid      = "ReadAccessPolicies"
        Effect   = "Allow"
        Action   = ["iam:GetPolicy", "iam:GetPolicyVersion"]
        Resource = concat([for name in [var.roles.deploy, var.roles.plan] : "arn:aws:iam::${var.account_id}:policy/${name}-*"], local.is_tooling ? [] : [local.boundary_arn])
      },
      {
        Sid      = "ReadAccessBuckets"
        Effect   = "Allow"
        Action   = local.bucket_read_actions
        Resource = [local.state_bucket_arn, "arn:aws:s3:::${var.buckets.logs}"]
      },
    ],
    [for statement in concat(local.keys_read, [
      {
        # The release signing key, with which releases are verified before they are promoted.
        Sid       = "ReadPublicKey"
        Effect    = "Allow"
        Action    = "kms:GetPublicKey"
        Resource  = local.keys_arn
        Condition = { StringEquals = { "kms:RequestAlias" = "alias/${var.project}-release-signing" } }
      },
      {
        Sid      = "ReadInstanceProfile"
        Effect   = "Allow"
        Action   = "iam:GetInstanceProfile"
        Resource = "arn:aws:iam::${var.account_id}:instance-profile/${var.roles.jenkins}"
      },
      {
        Sid      = "ReadBuildAlerts"
        Effect   = "Allow"
        Action   = ["sns:GetTopicAttributes", "sns:ListTagsForResource"]
        Resource = local.build_alerts_arn
      },
      {
        # sns:GetSubscriptionAttributes has no resource-level permission.
        Sid      = "ReadSubscriptions"
        Effect   = "Allow"
        Action   = "sns:GetSubscriptionAttributes"
        Resource = "*"
      },
      {
        Sid      = "ReadBuildLog"
        Effect   = "Allow"
        Action   = "logs:ListTagsForResource"
        Resource = local.build_log_arn
      },
      {
        # logs:DescribeLogGroups has no resource-level permission.
        Sid      = "FindBuildLog"
        Effect   = "Allow"
        Action   = "logs:DescribeLogGroups"
        Resource = "*"
      },
    ]) : statement if local.is_tooling],
  )
}
