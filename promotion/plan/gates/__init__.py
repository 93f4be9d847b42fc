"""Gates: what must hold before a plan may be applied. One gate a file, found by folder.

A gate's module has a function `check(facts) -> GateResult` and declares `GATE` (the file's name
with hyphens), `SUMMARY` (what must hold, in one line) and `OVERRIDABLE` (whether a person may
answer for a refusal, with a reason). Gates read the account and the repository through the facts
they are given, and write nothing.
"""

import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Protocol

from promotion.config import Environment
from promotion.errors import ProvenanceError
from promotion.plan.model import Action, GateResult, PipelineChange, ReleaseReference
from promotion.plan.repository import CommitPlace
from promotion.releases.model import Evidence, Withdrawal
from promotion.terraform.summary import TerraformSummary


@dataclass(frozen=True)
class Gate:
    """What a gate's module declares.

    Attributes:
        name: its name.
        summary: what must hold, in one line.
        overridable: whether a plan may override its refusal.
    """

    name: str
    summary: str
    overridable: bool


class Lookups(Protocol):
    """What gates ask the accounts and the repository; several threads may ask at once."""

    def role_exists(self, role_name: str) -> bool:
        """Return whether the account has an IAM role."""

    def group_exists(self, group_arn: str) -> bool:
        """Return whether a model package group exists and the account may see it."""

    def commit_place(self, git_commit: str) -> CommitPlace:
        """Return where a commit is in the repository that the plan is made in."""

    def running_executions(self, pipeline_name: str) -> tuple[str, ...]:
        """Return the ARNs of a pipeline's executions that have not ended."""

    def unproven(self, releases: Sequence[ReleaseReference]) -> Mapping[str, ProvenanceError]:
        """Return why releases are not proved, by digest; those that are do not stand in it."""

    def evidence(
        self, releases: Sequence[ReleaseReference], environment: str
    ) -> Mapping[str, Evidence]:
        """Return what releases have shown in an environment, by digest."""

    def withdrawals(self, releases: Sequence[ReleaseReference]) -> Mapping[str, Withdrawal]:
        """Return the withdrawals of releases, by digest."""


@dataclass(frozen=True)
class Facts:
    """What gates look at.

    Attributes:
        environment: the environment that is planned.
        account_id: the account in which the plan was really made.
        inconsistencies: where environment files contradict each other.
        releases: what is promoted.
        pipelines: what happens to each pipeline.
        groups: ARN of the model package group of each use case whose pipelines are written.
        terraform: what the saved Terraform plan does; None without Terraform.
        lookups: questions to the accounts and to the repository.
    """

    environment: Environment
    account_id: str
    inconsistencies: tuple[str, ...]
    releases: tuple[ReleaseReference, ...]
    pipelines: tuple[PipelineChange, ...]
    groups: Mapping[str, str]
    terraform: TerraformSummary | None
    lookups: Lookups

    @property
    def written(self) -> tuple[PipelineChange, ...]:
        """What happens to the pipelines that are written; the others stay, or go."""
        return tuple(
            each for each in self.pipelines if each.action not in {Action.UNCHANGED, Action.DELETE}
        )


def gate_names() -> tuple[str, ...]:
    """Return the names of all gates, sorted."""
    return tuple(sorted(found.name.replace("_", "-") for found in pkgutil.iter_modules(__path__)))


def gates() -> tuple[Gate, ...]:
    """Return what every gate declares, by name."""
    return tuple(
        Gate(module.GATE, module.SUMMARY, module.OVERRIDABLE)
        for module in map(_module, gate_names())
    )


def check_gates(facts: Facts) -> tuple[GateResult, ...]:
    """Return what every gate says, by name; a refusal of one does not keep others from speaking."""
    return tuple(_check(_module(name), facts) for name in gate_names())


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"{__name__}.{name.replace('-', '_')}")


def _check(module: ModuleType, facts: Facts) -> GateResult:
    result = module.check(facts)
    if not isinstance(result, GateResult):
        raise TypeError(f"{module!r}: check() returns a GateResult")
    return result
