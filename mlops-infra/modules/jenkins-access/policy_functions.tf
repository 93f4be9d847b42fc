# Lambda functions and who may invoke them.
locals {
  functions_arn = "arn:aws:lambda:${var.region}:${var.account_id}:function:${local.name_prefix}-*"

  functions_read = [
    {
      Sid      = "ReadFunctions"
      Effect   = "Allow"
      Action   = ["lambda:GetFunction", "lambda:GetFunctionCodeSigningConfig", "lambda:GetFunctionEventInvokeConfig", "lambda:GetPolicy", "lambda:ListVersionsByFunction"]
      Resource = local.functions_arn
    },
  ]

  functions_change = [
    {
      Sid    = "ManageFunctions"
      Effect = "Allow"
      Action = [
        "lambda:AddPermission", "lambda:CreateFunction", "lambda:DeleteFunction", "lambda:DeleteFunctionEventInvokeConfig",
        "lambda:PutFunctionEventInvokeConfig", "lambda:RemovePermission", "lambda:TagResource", "lambda:UpdateFunctionCode",
        "lambda:UpdateFunctionConfiguration",
      ]
      Resource = local.functions_arn
    },
  ]
}
