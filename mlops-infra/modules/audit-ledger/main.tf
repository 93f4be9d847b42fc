locals {
  table_arn       = "arn:aws:dynamodb:${var.region}:${var.account_id}:table/${var.table_name}"
  role_prefix     = "arn:aws:iam::${var.account_id}:role"
  function_name   = "${var.name_prefix}-ledger"
  writer_arns     = [for name in concat(["ledger"], [for name in keys(var.writer_accounts) : "ledger-${name}"]) : "${local.role_prefix}/${var.lambda_role_name}-${name}"]
  break_glass_arn = "${local.role_prefix}/${var.break_glass_role_name}"
}

# Two series of items: `entries`, sorted by their place in the chain, and `receipts`, sorted by the token
# of what was recorded. See promotion/handlers/ledger_table.py.
resource "aws_dynamodb_table" "this" {
  name                        = var.table_name
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "series"
  range_key                   = "place"
  deletion_protection_enabled = var.deletion_protection

  attribute {
    name = "series"
    type = "S"
  }

  attribute {
    name = "place"
    type = "S"
  }

  point_in_time_recovery {
    enabled = true
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = var.kms_key_arn
  }
}

resource "aws_dynamodb_resource_policy" "this" {
  resource_arn = aws_dynamodb_table.this.arn
  policy       = jsonencode({ Version = "2012-10-17", Statement = local.table_statements })
}
