# Which concerns an account of each kind has. Every policy_<concern>.tf holds lists of statements:
# `_read` for both roles (Terraform reads again what it has written), `_change` for the deploy role
# and `_look` for the plan role.
locals {
  is_tooling          = var.kind == "tooling"
  tooling_account_id  = local.is_tooling ? var.account_id : var.linked_accounts["tooling"]
  registry_account_id = var.kind == "registry" ? var.account_id : lookup(var.linked_accounts, "registry", "")
  workload_accounts   = { for name, account_id in var.linked_accounts : name => account_id if !contains(["tooling", "registry"], name) }

  jenkins_role_arn = "arn:aws:iam::${local.tooling_account_id}:role/${var.roles.jenkins}"
  name_prefix      = "${var.project}-${var.environment}"
  role_prefix      = "arn:aws:iam::${var.account_id}:role"
  sagemaker        = "arn:aws:sagemaker:${var.region}:${var.account_id}"
  keys_arn         = "arn:aws:kms:${var.region}:${var.account_id}:key/*"

  group_arns   = [for use_case in var.use_cases : "arn:aws:sagemaker:${var.region}:${local.registry_account_id}:model-package-group/${use_case.model_package_group}"]
  package_arns = [for use_case in var.use_cases : "arn:aws:sagemaker:${var.region}:${local.registry_account_id}:model-package/${use_case.model_package_group}/*"]

  concern_names = {
    tooling  = ["state", "guards"]
    registry = ["state", "roles", "storage", "keys", "functions", "events", "monitoring", "registry", "guards"]
    workload = concat(["state", "roles", "storage", "keys", "functions", "events", "monitoring", "pipelines", "guards"], var.studio ? ["studio"] : [])
  }

  read = {
    state      = local.state_read
    roles      = local.roles_read
    storage    = local.storage_read
    keys       = local.keys_read
    functions  = local.functions_read
    events     = local.events_read
    monitoring = local.monitoring_read
    registry   = local.registry_read
    pipelines  = local.pipelines_read
    studio     = local.studio_read
    guards     = []
  }

  change = {
    state      = local.state_change
    roles      = local.roles_change
    storage    = local.storage_change
    keys       = local.keys_change
    functions  = local.functions_change
    events     = local.events_change
    monitoring = local.monitoring_change
    registry   = local.registry_change
    pipelines  = local.pipelines_change
    studio     = local.studio_change
    guards     = local.guards
  }

  look = {
    state      = local.state_look
    monitoring = local.monitoring_look
    registry   = local.registry_look
    pipelines  = local.pipelines_look
  }

  deploy_statements = { for concern, statements in local.change : concern => concat(local.read[concern], statements) if contains(local.concern_names[var.kind], concern) }
  plan_statements = merge(
    { for concern, statements in local.read : concern => concat(statements, try(local.look[concern], [])) if contains(local.concern_names[var.kind], concern) && concern != "guards" },
    { access = local.access_look },
  )
}
