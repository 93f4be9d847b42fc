"""The module `access` of an account's Terraform root: it decides who may enter the account.

An administrator applies it with `promote bootstrap`; the roles with which Jenkins plans and
applies may only read it, so that no promotion widens its own rights. Reads and calls nothing.
"""

ACCESS_MODULE = "module.access"


def in_access_module(address: str) -> bool:
    """Return whether a resource's address lies in the access module."""
    return address.startswith(f"{ACCESS_MODULE}.")
