output "approver_role_arn" {
  description = "ARN of the role that approvers assume."
  value       = aws_iam_role.this["approver"].arn
}

output "auditor_role_arn" {
  description = "ARN of the role that auditors assume."
  value       = aws_iam_role.this["auditor"].arn
}

output "break_glass_role_arn" {
  description = "ARN of the role that corrects the ledger in an emergency."
  value       = aws_iam_role.this["break_glass"].arn
}
