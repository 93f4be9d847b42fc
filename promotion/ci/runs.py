"""Which pipelines have to run in an environment before a release goes on from there.

Calls SageMaker in the registry account, under the plan role.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from promotion.aws.session import Accounts
from promotion.config import load_workload
from promotion.errors import ConfigError
from promotion.registry.versions import in_service, open_registry
from promotion.releases.model import INFERENCE, demanded_pipelines


@dataclass(frozen=True)
class Run:
    """A pipeline to run.

    Attributes:
        use_case: its use case.
        pipeline: its key.
        is_inference: whether it needs an approved model.
    """

    use_case: str
    pipeline: str
    is_inference: bool


def demanded_runs(
    root: Path, environment_name: str, use_cases: Sequence[str], accounts: Accounts
) -> tuple[Run, ...]:
    """Return what the gate `evidence` of the next environment will ask for, training first.

    Args:
        root: top folder of the project.
        environment_name: where they run.
        use_cases: use cases of it; empty takes all.
        accounts: opens the registry.

    Raises:
        ConfigError: the environment has no such use case.
        RemoteError: the registry cannot be asked.
    """
    environment = load_workload(root, environment_name)
    if unknown := sorted(set(use_cases) - set(environment.use_cases)):
        raise ConfigError(f"{environment_name} has no use case {', '.join(unknown)}")
    registry = open_registry(root, accounts, to_approve=False)
    found = []
    for name in sorted(use_cases or environment.use_cases):
        approved = in_service(registry.versions(name)) is not None
        keys = demanded_pipelines(environment.use_cases[name].pipelines, model_approved=approved)
        found += [Run(name, key, key == INFERENCE) for key in keys]
    return tuple(sorted(found, key=lambda run: (run.is_inference, run.use_case, run.pipeline)))
