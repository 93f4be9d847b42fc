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
      # The registry's functions write the ledger: an administrator removes them, as he does the ledger.
      Action = concat(
        [
          "lambda:AddPermission", "lambda:CreateFunction", "lambda:PutFunctionEventInvokeConfig", "lambda:TagResource",
          "lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration",
        ],
        var.kind == "registry" ? [] : ["lambda:DeleteFunction", "lambda:DeleteFunctionEventInvokeConfig", "lambda:RemovePermission"],
      )
      Resource = local.functions_arn
    },
  ]
}
