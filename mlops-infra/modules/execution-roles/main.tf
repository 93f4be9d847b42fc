# One role per use case: its pipelines and every job of theirs run as it.
resource "aws_iam_role" "this" {
  for_each = local.role_names

  name                 = each.value
  description          = "Runs the SageMaker pipelines of the use case ${each.key}"
  permissions_boundary = var.permissions_boundary_arn
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "SageMaker"
        Effect    = "Allow"
        Principal = { Service = "sagemaker.amazonaws.com" }
        Action    = "sts:AssumeRole"
        Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
      },
    ]
  })
}

resource "aws_iam_role_policy" "this" {
  for_each = local.role_names

  name   = "run-pipelines"
  role   = aws_iam_role.this[each.key].name
  policy = jsonencode({ Version = "2012-10-17", Statement = local.statements[each.key] })
}
