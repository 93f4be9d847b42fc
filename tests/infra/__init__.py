"""Terraform: its files, its own tests, and the estate that it makes."""
