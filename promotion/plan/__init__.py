"""What a promotion would change in an account: the plan, its diff, its gates and its file.

`promotion.plan.stage` reads the account and runs `terraform plan`; the rest is pure. Nothing in
this package writes to an account.
"""
