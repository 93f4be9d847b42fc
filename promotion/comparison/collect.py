"""Reads the live pipelines of two environments and compares them.

Calls SageMaker ListPipelines, DescribePipeline (and ListTags for a pipeline without our mark), and
S3 GetObject, in both accounts.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from promotion.aws.fanout import fan_out
from promotion.aws.objects import Objects
from promotion.aws.pipelines import Pipelines
from promotion.aws.session import Accounts, AccountSession
from promotion.comparison.compare import Place, compare_places
from promotion.comparison.model import Comparison
from promotion.config import WorkloadEnvironment, load_workload
from promotion.errors import ConfigError
from promotion.plan.model import PipelineState
from promotion.plan.remote import read_code, read_pipelines, states_of
from promotion.plan.scripts import CodeUri

_Key = tuple[str, str]


def compare_environments(
    root: Path, before: str, after: str, use_cases: Sequence[str], *, accounts: Accounts
) -> Comparison:
    """Return how the live pipelines of two environments differ.

    Args:
        root: top folder of the project.
        before: name of the first environment.
        after: name of the second.
        use_cases: use cases to compare; empty takes all that either environment has.
        accounts: opens sessions.

    Raises:
        ConfigError: an environment is missing, wrong, runs no pipelines or stands twice, or
            neither has a use case.
        RemoteError: an account cannot be read.
    """
    if before == after:
        raise ConfigError(f"{before} does not differ from itself", hint="name two environments")
    environments = [load_workload(root, name) for name in (before, after)]
    keys = _keys(environments, use_cases)
    # Sessions first, one after the other: boto3 makes clients in one thread at a time.
    opened = [_open(environment, accounts) for environment in environments]
    one, other = fan_out(lambda each: _read(each, keys), opened)
    return Comparison(
        before=before,
        after=after,
        pipelines=tuple(
            fan_out(lambda key: compare_places(*key, one.place(key), other.place(key)), keys)
        ),
    )


@dataclass(frozen=True)
class _Opened:
    environment: WorkloadEnvironment
    pipelines: Pipelines
    objects: Objects

    def name(self, key: _Key) -> str | None:
        case = self.environment.use_cases.get(key[0])
        return case.pipelines.get(key[1]) if case else None


@dataclass(frozen=True)
class _Live:
    opened: _Opened
    deployed: Mapping[str, PipelineState]

    def place(self, key: _Key) -> Place:
        name = self.opened.name(key)
        return Place(
            environment=self.opened.environment,
            pipeline=self.deployed.get(name) if name else None,
            read_code=_reader(self.opened.objects),
        )


def _keys(environments: Sequence[WorkloadEnvironment], use_cases: Sequence[str]) -> list[_Key]:
    known = {name for environment in environments for name in environment.use_cases}
    unknown = sorted(set(use_cases) - known)
    if unknown:
        names = " nor ".join(environment.environment for environment in environments)
        raise ConfigError(
            f"neither {names} has use case {', '.join(unknown)}",
            hint=f"they have: {', '.join(sorted(known)) or 'none'}",
        )
    return sorted(
        {
            (use_case, key)
            for environment in environments
            for use_case, case in environment.use_cases.items()
            if not use_cases or use_case in use_cases
            for key in case.pipelines
        }
    )


def _open(environment: WorkloadEnvironment, accounts: Accounts) -> _Opened:
    session: AccountSession = accounts.open(environment, environment.plan_role_arn)
    return _Opened(
        environment,
        Pipelines(session.sagemaker, session.account_id),
        Objects(session.s3, session.account_id),
    )


def _read(opened: _Opened, keys: Sequence[_Key]) -> _Live:
    there = opened.pipelines.arns()
    names = [name for key in keys if (name := opened.name(key)) in there]
    found = read_pipelines(opened.pipelines, [name for name in names if name])
    return _Live(opened, states_of(opened.pipelines, found))


def _reader(objects: Objects) -> Callable[[CodeUri], bytes | None]:
    return lambda uri: read_code(objects, uri)
