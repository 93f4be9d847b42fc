# The only writer.
module "function" {
  source = "../lambda-function"

  name                     = local.function_name
  description              = "Appends records to the audit ledger ${var.table_name}"
  role_name                = "${var.lambda_role_name}-ledger"
  permissions_boundary_arn = var.permissions_boundary_arn
  handler                  = "promotion.handlers.ledger.handler"
  package                  = var.lambda_package
  account_id               = var.account_id
  region                   = var.region
  statements               = local.function_statements
  log_retention_days       = var.log_retention_days

  environment = {
    LEDGER_TABLE = var.table_name
    ENVIRONMENT  = var.environment
    USE_CASES    = jsonencode({ for use_case, group in var.model_package_groups : group => use_case })
  }
}

# The account is the principal, and its own policies name the roles: Lambda refuses a principal that
# does not exist yet (accounts are applied in any order), and its permissions take no condition on
# the calling role. https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
resource "aws_lambda_permission" "accounts" {
  for_each = var.writer_accounts

  statement_id  = "append-from-${each.key}"
  action        = "lambda:InvokeFunction"
  function_name = module.function.name
  principal     = "arn:aws:iam::${each.value}:root"
}
