# Jenkins itself, in the tooling account only: the role of the EC2 instance it runs on.
resource "aws_iam_role" "jenkins" {
  count = local.is_tooling ? 1 : 0

  name        = var.roles.jenkins
  description = "Runs Jenkins; may only become the plan and deploy roles of each account, and the build role"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        # EC2 sends neither aws:SourceAccount nor aws:SourceArn when it assumes an instance's role.
        Sid       = "Ec2Instance"
        Effect    = "Allow"
        Principal = { Service = "ec2.amazonaws.com" }
        Action    = "sts:AssumeRole"
      },
    ]
  })
}

resource "aws_iam_role_policy" "jenkins" {
  count = local.is_tooling ? 1 : 0

  name = "become-plan-and-deploy-roles"
  role = aws_iam_role.jenkins[0].name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "BecomePlanAndDeployRoles"
        Effect   = "Allow"
        Action   = "sts:AssumeRole"
        Resource = flatten([for account_id in concat([var.account_id], values(var.linked_accounts)) : [for name in [var.roles.deploy, var.roles.plan] : "arn:aws:iam::${account_id}:role/${name}"]])
      },
      {
        # Made by `release-signing` in this account.
        Sid      = "BecomeBuildRole"
        Effect   = "Allow"
        Action   = "sts:AssumeRole"
        Resource = "${local.role_prefix}/${var.roles.build}"
      },
    ]
  })
}

resource "aws_iam_instance_profile" "jenkins" {
  count = local.is_tooling ? 1 : 0

  name = var.roles.jenkins
  role = aws_iam_role.jenkins[0].name
}
