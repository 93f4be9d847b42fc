"""Environment files and use case declarations as typed, checked values.

Reads `environments/*.tfvars.json` and `pipelines/*/use_case.toml`; writes and calls nothing
(`promotion.config.reference` writes the generated schema and reference page).
"""

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
