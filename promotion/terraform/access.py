"""The access modules: the Terraform that decides who may enter an account.

An administrator applies them with `promote bootstrap`; the roles with which Jenkins plans and
applies may only read them, so that no promotion widens its own rights. Reads and calls nothing.
"""

from promotion.config import Environment, RegistryEnvironment

_EVERYWHERE = ("module.log_bucket", "module.state_backend", "module.jenkins_access")
_REGISTRY = ("module.people_access",)


def access_modules(environment: Environment) -> tuple[str, ...]:
    """Return the addresses of the access modules in an environment's root."""
    return _EVERYWHERE + (_REGISTRY if isinstance(environment, RegistryEnvironment) else ())


def in_access_module(environment: Environment, address: str) -> bool:
    """Return whether a resource's address lies in an access module of an environment."""
    return address.startswith(tuple(f"{module}." for module in access_modules(environment)))
