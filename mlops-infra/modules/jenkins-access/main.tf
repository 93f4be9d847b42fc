# What Jenkins becomes in this account to deploy.
resource "aws_iam_role" "deploy" {
  name                 = var.roles.deploy
  description          = "Assumed by Jenkins of the tooling account to deploy into this account"
  max_session_duration = var.max_session_seconds
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        # The account is the principal and Jenkins stands in the condition: IAM refuses a policy
        # that names a role which does not exist yet, and accounts are applied in any order.
        Sid       = "Jenkins"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::${var.tooling_account_id}:root" }
        Action    = "sts:AssumeRole"
        Condition = { ArnEquals = { "aws:PrincipalArn" = local.jenkins_arns } }
      },
    ]
  })
}

# Managed policies rather than inline ones: all inline policies of a role share 10,240 characters.
resource "aws_iam_policy" "deploy" {
  for_each = local.policies

  name        = "${var.roles.deploy}-${each.key}"
  description = "What ${var.roles.deploy} may do: ${each.key}"
  policy      = jsonencode({ Version = "2012-10-17", Statement = each.value })
}

resource "aws_iam_role_policy_attachment" "deploy" {
  for_each = local.policies

  role       = aws_iam_role.deploy.name
  policy_arn = aws_iam_policy.deploy[each.key].arn
}
