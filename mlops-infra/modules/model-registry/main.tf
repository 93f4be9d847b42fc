resource "aws_sagemaker_model_package_group" "this" {
  for_each = var.model_package_groups

  model_package_group_name        = each.value
  model_package_group_description = "Model versions of the use case ${each.key}"
}

resource "aws_sagemaker_model_package_group_policy" "this" {
  for_each = var.model_package_groups

  model_package_group_name = aws_sagemaker_model_package_group.this[each.key].model_package_group_name
  resource_policy          = jsonencode({ Version = "2012-10-17", Statement = local.group_statements[each.key] })
}
