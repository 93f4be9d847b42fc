locals {
  workload_roots = [for account_id in values(var.workload_accounts) : "arn:aws:iam::${account_id}:root"]
  all_roots      = concat(["arn:aws:iam::${var.account_id}:root"], local.workload_roots)

  group_arns   = { for use_case, group in var.model_package_groups : use_case => "arn:aws:sagemaker:${var.region}:${var.account_id}:model-package-group/${group}" }
  package_arns = { for use_case, group in var.model_package_groups : use_case => "arn:aws:sagemaker:${var.region}:${var.account_id}:model-package/${group}/*" }

  trainers = { for use_case in keys(var.model_package_groups) : use_case => [for account_id in values(var.workload_accounts) : "arn:aws:iam::${account_id}:role/${var.execution_role_name}-${use_case}"] }
  # Who looks for the version that serves, and for candidates that await approval.
  readers   = flatten([for account_id in values(var.workload_accounts) : ["arn:aws:iam::${account_id}:role/${var.lambda_role_name}-resolve-model", "arn:aws:iam::${account_id}:role/${var.lambda_role_name}-start-retrain"]])
  deployers = flatten([for account_id in values(var.workload_accounts) : ["arn:aws:iam::${account_id}:role/${var.deploy_role_name}", "arn:aws:iam::${account_id}:role/${var.plan_role_name}"]])

  approver_arn = "arn:aws:iam::${var.account_id}:role/${var.approver_role_name}"

  # Its own policy lets it do so only where the environment's file asks for it; see `approval-review`.
  reviewer_arn = "arn:aws:iam::${var.account_id}:role/${var.lambda_role_name}-approval-review"

  # What a policy can say of the request: SageMaker has these condition keys for CreateModelPackage.
  # A life-cycle stage could say "approved" as well, so that whoever registers sets none.
  # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
  # https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-staging-construct-set-up.html
  pending_only = {
    StringEquals = { "sagemaker:ModelApprovalStatus" = "PendingManualApproval" }
    Null         = { "sagemaker:ModelLifeCycle:Stage" = "true", "sagemaker:ModelLifeCycle:StageStatus" = "true" }
  }

  # Accounts are the principals and roles stand in conditions, so that accounts can be applied in
  # any order. UpdateModelPackage, which carries the approval, is granted to no other account.
  sharing_statements = {
    for use_case in keys(var.model_package_groups) : use_case => [
      {
        # A deployment checks that the group it will register into exists; registering from another
        # account reads the group as well.
        # https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-version.html#model-registry-version-xaccount
        Sid       = "FindGroup"
        Effect    = "Allow"
        Principal = { AWS = local.workload_roots }
        Action    = "sagemaker:DescribeModelPackageGroup"
        Resource  = local.group_arns[use_case]
        Condition = { ArnEquals = { "aws:PrincipalArn" = concat(local.deployers, local.trainers[use_case]) } }
      },
      {
        Sid       = "FindApprovedVersion"
        Effect    = "Allow"
        Principal = { AWS = local.workload_roots }
        Action    = ["sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages"]
        Resource  = [local.group_arns[use_case], local.package_arns[use_case]]
        Condition = { ArnEquals = { "aws:PrincipalArn" = local.readers } }
      },
      {
        # CreateModel on a package is what lets another account serve it.
        # https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-deploy.html#model-registry-deploy-xaccount
        Sid       = "ServeVersions"
        Effect    = "Allow"
        Principal = { AWS = local.workload_roots }
        Action    = ["sagemaker:CreateModel", "sagemaker:DescribeModelPackage"]
        Resource  = local.package_arns[use_case]
        Condition = { ArnEquals = { "aws:PrincipalArn" = local.trainers[use_case] } }
      },
      {
        Sid       = "RegisterPendingVersions"
        Effect    = "Allow"
        Principal = { AWS = local.workload_roots }
        Action    = "sagemaker:CreateModelPackage"
        Resource  = [local.group_arns[use_case], local.package_arns[use_case]]
        Condition = merge(local.pending_only, { ArnEquals = { "aws:PrincipalArn" = local.trainers[use_case] } })
      },
    ]
  }

  # An explicit deny holds for every principal of the accounts it names, administrators included, and
  # whatever their own policies allow. Whoever may replace the policy itself can still lift it: that
  # is the deploy role, by a reviewed plan, and the account's administrator.
  # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
  deciding_statements = {
    for use_case in keys(var.model_package_groups) : use_case => [
      {
        Sid       = "OnlyApproversDecide"
        Effect    = "Deny"
        Principal = { AWS = local.all_roots }
        Action    = "sagemaker:UpdateModelPackage"
        Resource  = local.package_arns[use_case]
        Condition = { ArnNotEquals = { "aws:PrincipalArn" = [local.approver_arn, local.reviewer_arn] } }
      },
      {
        # Puts back to pending what the checks refuse, and decides nothing.
        Sid       = "ReviewOnlyReopens"
        Effect    = "Deny"
        Principal = { AWS = local.all_roots }
        Action    = "sagemaker:UpdateModelPackage"
        Resource  = local.package_arns[use_case]
        Condition = {
          ArnEquals       = { "aws:PrincipalArn" = local.reviewer_arn }
          StringNotEquals = { "sagemaker:ModelApprovalStatus" = "PendingManualApproval" }
        }
      },
      {
        # Left out, the status would be PendingManualApproval too; it has to be said.
        Sid       = "NobodyRegistersDecidedVersions"
        Effect    = "Deny"
        Principal = { AWS = local.all_roots }
        Action    = "sagemaker:CreateModelPackage"
        Resource  = [local.group_arns[use_case], local.package_arns[use_case]]
        Condition = { StringNotEquals = { "sagemaker:ModelApprovalStatus" = "PendingManualApproval" } }
      },
    ]
  }

  # Without a workload account there is nobody to share with, and a statement needs a principal.
  group_statements = {
    for use_case in keys(var.model_package_groups) : use_case => concat(
      [for statement in local.sharing_statements[use_case] : statement if length(local.workload_roots) > 0],
      local.deciding_statements[use_case],
    )
  }
}
