"""Gates: what must hold before a plan may be applied. One gate a file, found by folder.

A gate's module has a function `check(facts) -> GateResult`; its name is the file's name with
hyphens, and the first line of its docstring says what it demands. Gates read the account
through the facts they are given and write nothing.
"""

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from promotion.config import Environment
from promotion.plan.model import GateResult, PipelineChange
from promotion.terraform.summary import TerraformSummary


class Lookups(Protocol):
    """What gates ask the account."""

    def role_exists(self, role_name: str) -> bool:
        """Return whether the account has an IAM role."""

    def group_exists(self, group_arn: str) -> bool:
        """Return whether a model package group exists and the account may see it."""


@dataclass(frozen=True)
class Facts:
    """What gates look at.

    Attributes:
        environment: the environment that is planned.
        account_id: the account in which the plan was really made.
        inconsistencies: where environment files contradict each other.
        pipelines: what happens to each pipeline.
        groups: ARN of the model package group of each use case that is planned.
        terraform: what the saved Terraform plan does; None without Terraform.
        lookups: questions to the account.
    """

    environment: Environment
    account_id: str
    inconsistencies: tuple[str, ...]
    pipelines: tuple[PipelineChange, ...]
    groups: Mapping[str, str]
    terraform: TerraformSummary | None
    lookups: Lookups


def gate_names() -> tuple[str, ...]:
    """Return the names of all gates, sorted."""
    return tuple(sorted(found.name.replace("_", "-") for found in pkgutil.iter_modules(__path__)))


def check_gates(facts: Facts) -> tuple[GateResult, ...]:
    """Return what every gate says, by name; a refusal of one does not keep others from speaking."""
    modules = (
        importlib.import_module(f"{__name__}.{name.replace('-', '_')}") for name in gate_names()
    )
    return tuple(_check(module, facts) for module in modules)


def _check(module: object, facts: Facts) -> GateResult:
    result = module.check(facts)  # type: ignore[attr-defined]
    if not isinstance(result, GateResult):
        raise TypeError(f"{module!r}: check() returns a GateResult")
    return result
