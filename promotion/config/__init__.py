"""Environment files and use case declarations as typed, checked values.

Reads `environments/*.tfvars.json` and `pipelines/*/use_case.toml`; writes and calls nothing
(`promotion.config.reference` writes the generated schema and reference page). What the package
offers is imported when it is asked for: a build needs no environment, and the classes of one take
longer to make than a cached build.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from promotion.config.consistency import check_consistency, check_roots, check_use_cases
    from promotion.config.environment import (
        Environment,
        RegistryEnvironment,
        ToolingEnvironment,
        WorkloadEnvironment,
    )
    from promotion.config.load import (
        load_environment,
        load_environments,
        load_registry,
        load_workload,
    )
    from promotion.config.use_case import UseCase, load_use_case, use_case_names

__all__ = [
    "Environment",
    "RegistryEnvironment",
    "ToolingEnvironment",
    "UseCase",
    "WorkloadEnvironment",
    "check_consistency",
    "check_roots",
    "check_use_cases",
    "load_environment",
    "load_environments",
    "load_registry",
    "load_use_case",
    "load_workload",
    "use_case_names",
]

_MODULES = {
    "consistency": ("check_consistency", "check_roots", "check_use_cases"),
    "environment": (
        "Environment",
        "RegistryEnvironment",
        "ToolingEnvironment",
        "WorkloadEnvironment",
    ),
    "load": ("load_environment", "load_environments", "load_registry", "load_workload"),
    "use_case": ("UseCase", "load_use_case", "use_case_names"),
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    """Import what is asked for (https://peps.python.org/pep-0562/)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
