# Who of the company's people may do what in the registry account. They live in other accounts, so
# their accounts are the principals and they themselves stand in the condition.
locals {
  roles = {
    approver    = { name = var.roles.approver, description = "Reads model versions and sets their approval", principals = var.approvers, mfa = false }
    auditor     = { name = var.roles.auditor, description = "Reads the ledger, model versions and who may decide on them", principals = var.auditors, mfa = false }
    break_glass = { name = var.roles.break_glass, description = "Corrects or removes records of the ledger in an emergency", principals = var.break_glass, mfa = var.require_mfa }
  }
}

resource "aws_iam_role" "this" {
  for_each = local.roles

  name                 = each.value.name
  description          = each.value.description
  max_session_duration = 3600
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "People"
        Effect    = "Allow"
        Principal = { AWS = sort(distinct([for arn in each.value.principals : "arn:aws:iam::${split(":", arn)[4]}:root"])) }
        Action    = "sts:AssumeRole"
        Condition = merge(
          { ArnEquals = { "aws:PrincipalArn" = each.value.principals } },
          each.value.mfa ? { Bool = { "aws:MultiFactorAuthPresent" = "true" } } : {},
        )
      },
    ]
  })
}

resource "aws_iam_role_policy" "this" {
  for_each = local.roles

  name   = "registry"
  role   = aws_iam_role.this[each.key].name
  policy = jsonencode({ Version = "2012-10-17", Statement = local.statements[each.key] })
}
