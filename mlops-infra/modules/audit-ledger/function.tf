# The only writers. Lambda does not tell a function who invokes it, so that every way in has a function
# of its own, with a permission of its own: one for the registry's events, and one for each account.
module "function" {
  source = "../lambda-function"

  name                     = local.function_name
  description              = "Appends the registry's decisions to the audit ledger ${var.table_name}"
  role_name                = "${var.lambda_role_name}-ledger"
  permissions_boundary_arn = var.permissions_boundary_arn
  handler                  = "promotion.handlers.ledger.decided"
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

module "stated" {
  source   = "../lambda-function"
  for_each = var.writer_accounts

  name                     = "${local.function_name}-${each.key}"
  description              = "Appends what ${each.key} states of itself to the audit ledger ${var.table_name}"
  role_name                = "${var.lambda_role_name}-ledger-${each.key}"
  permissions_boundary_arn = var.permissions_boundary_arn
  handler                  = "promotion.handlers.ledger.stated"
  package                  = var.lambda_package
  account_id               = var.account_id
  region                   = var.region
  statements               = local.append_statements
  log_retention_days       = var.log_retention_days

  environment = {
    LEDGER_TABLE       = var.table_name
    STATED_ENVIRONMENT = each.key
    STATED_ACCOUNT_ID  = each.value
  }
}

# The account is the principal, and its own policies name the roles: Lambda refuses a principal that
# does not exist yet (accounts are applied in any order), and its permissions take no condition on
# the calling role. https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
resource "aws_lambda_permission" "accounts" {
  # In the function's own account the policies of the calling role suffice.
  for_each = { for name, account_id in var.writer_accounts : name => account_id if account_id != var.account_id }

  statement_id  = "append-from-${each.key}"
  action        = "lambda:InvokeFunction"
  function_name = module.stated[each.key].name
  principal     = "arn:aws:iam::${each.value}:root"
}
