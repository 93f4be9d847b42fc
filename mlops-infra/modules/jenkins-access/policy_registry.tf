# The registry account: model package groups. Never sagemaker:UpdateModelPackage, which approves.
locals {
  model_package_arns = [for arn in var.model_package_group_arns : "${replace(arn, ":model-package-group/", ":model-package/")}/*"]

  registry_statements = [
    {
      Sid    = "ManageModelPackageGroups"
      Effect = "Allow"
      Action = [
        "sagemaker:AddTags", "sagemaker:CreateModelPackageGroup", "sagemaker:DeleteModelPackageGroup",
        "sagemaker:DeleteModelPackageGroupPolicy", "sagemaker:DescribeModelPackageGroup",
        "sagemaker:GetModelPackageGroupPolicy", "sagemaker:ListTags", "sagemaker:PutModelPackageGroupPolicy",
      ]
      Resource = var.model_package_group_arns
    },
    {
      Sid      = "ReadModelVersions"
      Effect   = "Allow"
      Action   = ["sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages"]
      Resource = concat(var.model_package_group_arns, local.model_package_arns)
    },
  ]
}
