# The registry account: model package groups. Never sagemaker:UpdateModelPackage, which approves.
locals {
  registry_sagemaker = "arn:aws:sagemaker:${var.region}:${var.account_id}"

  registry_statements = [
    {
      Sid    = "ManageModelPackageGroups"
      Effect = "Allow"
      Action = [
        "sagemaker:AddTags", "sagemaker:CreateModelPackageGroup", "sagemaker:DeleteModelPackageGroup",
        "sagemaker:DeleteModelPackageGroupPolicy", "sagemaker:DescribeModelPackageGroup",
        "sagemaker:GetModelPackageGroupPolicy", "sagemaker:ListTags", "sagemaker:PutModelPackageGroupPolicy",
      ]
      Resource = [for group in var.model_package_groups : "${local.registry_sagemaker}:model-package-group/${group}"]
    },
    {
      Sid      = "ReadModelVersions"
      Effect   = "Allow"
      Action   = ["sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages"]
      Resource = flatten([for group in var.model_package_groups : ["${local.registry_sagemaker}:model-package-group/${group}", "${local.registry_sagemaker}:model-package/${group}/*"]])
    },
  ]
}
