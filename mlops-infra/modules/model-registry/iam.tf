locals {
  account_roots = [for account_id in values(var.workload_accounts) : "arn:aws:iam::${account_id}:root"]

  group_arns   = { for use_case, group in var.model_package_groups : use_case => "arn:aws:sagemaker:${var.region}:${var.account_id}:model-package-group/${group}" }
  package_arns = { for use_case, group in var.model_package_groups : use_case => "arn:aws:sagemaker:${var.region}:${var.account_id}:model-package/${group}/*" }

  trainers  = { for use_case in keys(var.model_package_groups) : use_case => [for account_id in values(var.workload_accounts) : "arn:aws:iam::${account_id}:role/${var.execution_role_name}-${use_case}"] }
  resolvers = [for account_id in values(var.workload_accounts) : "arn:aws:iam::${account_id}:role/${var.lambda_role_name}-resolve-model"]

  deployers = [for account_id in values(var.workload_accounts) : "arn:aws:iam::${account_id}:role/${var.deploy_role_name}"]

  # Accounts are the principals and roles stand in conditions, so that accounts can be applied in
  # any order. UpdateModelPackage, which carries the approval, is granted to no other account.
  group_statements = {
    for use_case in keys(var.model_package_groups) : use_case => [
      {
        Sid       = "Read"
        Effect    = "Allow"
        Principal = { AWS = local.account_roots }
        Action    = ["sagemaker:DescribeModelPackage", "sagemaker:DescribeModelPackageGroup", "sagemaker:ListModelPackages"]
        Resource  = [local.group_arns[use_case], local.package_arns[use_case]]
        Condition = { ArnEquals = { "aws:PrincipalArn" = concat(local.trainers[use_case], local.resolvers) } }
      },
      {
        # A deployment checks that the group it will register into exists.
        Sid       = "FindGroup"
        Effect    = "Allow"
        Principal = { AWS = local.account_roots }
        Action    = "sagemaker:DescribeModelPackageGroup"
        Resource  = local.group_arns[use_case]
        Condition = { ArnEquals = { "aws:PrincipalArn" = local.deployers } }
      },
      {
        # CreateModel on a package is what lets another account serve it.
        Sid       = "RegisterAndServe"
        Effect    = "Allow"
        Principal = { AWS = local.account_roots }
        Action    = ["sagemaker:CreateModel", "sagemaker:CreateModelPackage"]
        Resource  = [local.group_arns[use_case], local.package_arns[use_case]]
        Condition = { ArnEquals = { "aws:PrincipalArn" = local.trainers[use_case] } }
      },
    ]
  }
}

# People who decide which version may serve. The approvers live in other accounts, so their
# accounts are the principals and they themselves stand in the condition.
resource "aws_iam_role" "approver" {
  name                 = var.approver_role_name
  description          = "Reads model versions and sets their approval"
  max_session_duration = 3600
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Approvers"
        Effect    = "Allow"
        Principal = { AWS = sort(distinct([for arn in var.approvers : "arn:aws:iam::${split(":", arn)[4]}:root"])) }
        Action    = "sts:AssumeRole"
        Condition = { ArnEquals = { "aws:PrincipalArn" = var.approvers } }
      },
    ]
  })
}

resource "aws_iam_role_policy" "approver" {
  name = "decide-on-model-versions"
  role = aws_iam_role.approver.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Read"
        Effect   = "Allow"
        Action   = ["sagemaker:DescribeModelPackage", "sagemaker:DescribeModelPackageGroup", "sagemaker:ListModelPackages"]
        Resource = concat(values(local.group_arns), values(local.package_arns))
      },
      {
        Sid      = "Decide"
        Effect   = "Allow"
        Action   = "sagemaker:UpdateModelPackage"
        Resource = values(local.package_arns)
      },
    ]
  })
}
