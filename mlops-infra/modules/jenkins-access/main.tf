# What Jenkins becomes in this account: one role to plan, which writes nothing, and one to deploy.
locals {
  roles = {
    deploy = {
      name        = var.roles.deploy
      description = "Assumed by Jenkins of the tooling account to deploy into this account"
    }
    plan = {
      name        = var.roles.plan
      description = "Assumed by Jenkins of the tooling account to plan; reads and changes nothing"
    }
  }

  # One managed policy for each role and concern: the inline policies of a role share 10,240
  # characters, a managed policy may have 6,144 and a role 10 of them.
  # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
  policies = merge(
    { for concern, statements in local.deploy_statements : "deploy-${concern}" => { role = "deploy", concern = concern, statements = statements } },
    { for concern, statements in local.plan_statements : "plan-${concern}" => { role = "plan", concern = concern, statements = statements } },
  )
}

resource "aws_iam_role" "this" {
  for_each = local.roles

  name                 = each.value.name
  description          = each.value.description
  max_session_duration = var.max_session_seconds
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        # The account is the principal and Jenkins stands in the condition: IAM refuses a policy
        # that names a role which does not exist yet, and accounts are applied in any order.
        Sid       = "Jenkins"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::${local.tooling_account_id}:root" }
        Action    = "sts:AssumeRole"
        Condition = {
          ArnEquals    = { "aws:PrincipalArn" = local.jenkins_role_arn }
          StringEquals = { "sts:ExternalId" = var.external_id }
        }
      },
    ]
  })
}

resource "aws_iam_policy" "this" {
  for_each = local.policies

  name        = "${local.roles[each.value.role].name}-${each.value.concern}"
  description = "What ${local.roles[each.value.role].name} may do: ${each.value.concern}"
  policy      = jsonencode({ Version = "2012-10-17", Statement = each.value.statements })
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each = local.policies

  role       = aws_iam_role.this[each.value.role].name
  policy_arn = aws_iam_policy.this[each.key].arn
}
