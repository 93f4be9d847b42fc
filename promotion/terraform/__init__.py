"""Terraform as a subprocess: init, a saved plan, and the apply of exactly that plan.

Runs the `terraform` on PATH in `mlops-infra/accounts/<environment>/`, which reads and writes the
account. Writes `build/terraform/<environment>/`.
"""
