output "function_arns" {
  description = "ARN of each function, by its short name (resolve-model, resolve-batch, emit-drift)."
  value       = { for name, function in module.function : name => function.arn }
}

output "function_names" {
  description = "Name of each function, by its short name."
  value       = { for name, function in module.function : name => function.name }
}

output "role_arns" {
  description = "ARN of each function's role, by the function's short name."
  value       = { for name, function in module.function : name => function.role_arn }
}
