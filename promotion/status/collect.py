"""Collects the status of environments.

Calls SageMaker ListPipelines, DescribePipeline (and ListTags for a pipeline without our mark) and
ListPipelineExecutions in each workload account, ListModelPackages and DescribeModelPackage in the
registry account; the accounts are asked at once. An account that cannot be asked leaves a problem
in its rows and keeps no other from being told. Reads release archives in `build/releases/`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from promotion.aws.executions import Executions, ExecutionState
from promotion.aws.fanout import fan_out
from promotion.aws.pipelines import DeployedPipeline, Pipelines
from promotion.aws.session import Accounts
from promotion.config import WorkloadEnvironment, load_environments, load_workload
from promotion.errors import BuildError, RemoteError
from promotion.plan.model import PipelineState
from promotion.plan.ownership import GIT_COMMIT, RELEASE
from promotion.plan.remote import read_pipelines, states_of
from promotion.registry.versions import PENDING, Registry, in_service, open_registry
from promotion.status.drift import drift_of, expected_of
from promotion.status.model import Drift, PipelineStatus, UseCaseStatus


@dataclass(frozen=True)
class _Models:
    """What the registry says of a use case's model."""

    in_service: int | None = None
    pending: tuple[int, ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class _Workload:
    """An environment and how to ask its account; `problem` says why that cannot be done."""

    environment: WorkloadEnvironment
    pipelines: Pipelines | None = None
    executions: Executions | None = None
    problem: str = ""


@dataclass(frozen=True)
class _Live:
    """What an account has: pipelines by name, and the last execution of each that had one."""

    deployed: Mapping[str, DeployedPipeline]
    states: Mapping[str, PipelineState]
    last: Mapping[str, ExecutionState | None]


def collect_status(
    root: Path, names: Sequence[str], *, accounts: Accounts
) -> tuple[UseCaseStatus, ...]:
    """Return the status by use case, then environment.

    Args:
        root: top folder of the project.
        names: environments; empty takes all that run pipelines.
        accounts: opens sessions.

    Raises:
        ConfigError: an environment file is missing or wrong, or runs no pipelines.
        RemoteError: there are no usable credentials, or AWS cannot be reached at all.
    """
    if names:
        environments = [load_workload(root, name) for name in dict.fromkeys(names)]
    else:
        loaded = load_environments(root).values()
        environments = [each for each in loaded if isinstance(each, WorkloadEnvironment)]
    for region in sorted({environment.region for environment in environments}):
        accounts.caller(region)  # without credentials or network no account can be asked
    # Sessions first, one after the other: boto3 makes clients in one thread at a time.
    workloads = [_open(environment, accounts) for environment in environments]
    models = _models(root, environments, accounts)
    found = fan_out(lambda workload: _environment(root, workload, models), workloads)
    statuses = [status for each in found for status in each]
    return tuple(sorted(statuses, key=lambda status: (status.use_case, status.environment)))


def _open(environment: WorkloadEnvironment, accounts: Accounts) -> _Workload:
    try:
        session = accounts.open(environment, environment.plan_role_arn)
        client = session.sagemaker
    except RemoteError as error:
        return _Workload(environment, problem=error.message)
    account_id = session.account_id
    return _Workload(environment, Pipelines(client, account_id), Executions(client, account_id))


def _models(
    root: Path, environments: Sequence[WorkloadEnvironment], accounts: Accounts
) -> dict[str, _Models]:
    use_cases = sorted({name for environment in environments for name in environment.use_cases})
    if not use_cases:
        return {}
    try:
        registry = open_registry(root, accounts, to_approve=False)
    except RemoteError as error:
        return {name: _Models(problem=f"registry: {error.message}") for name in use_cases}
    found = fan_out(lambda name: _model(registry, name), use_cases)
    return dict(zip(use_cases, found, strict=True))


def _model(registry: Registry, use_case: str) -> _Models:
    try:
        versions = registry.versions(use_case)
    except RemoteError as error:
        return _Models(problem=f"registry: {error.message}")
    serving = in_service(versions)
    pending = tuple(sorted(item.version for item in versions if item.status == PENDING))
    return _Models(serving.version if serving else None, pending)


def _environment(
    root: Path, workload: _Workload, models: Mapping[str, _Models]
) -> list[UseCaseStatus]:
    live, problem = _live(workload)
    environment = workload.environment
    return [
        _with_model(_use_case(root, environment, name, live, problem), models[name])
        for name in environment.use_cases
    ]


def _with_model(status: UseCaseStatus, model: _Models) -> UseCaseStatus:
    return replace(
        status,
        model_known=not model.problem,
        model_in_service=model.in_service,
        pending_approvals=model.pending,
        problems=(*status.problems, *filter(None, (model.problem,))),
    )


def _live(workload: _Workload) -> tuple[_Live | None, str]:
    """Return what the account has, or None and why it cannot be asked."""
    if workload.pipelines is None or workload.executions is None:
        return None, workload.problem
    cases = workload.environment.use_cases.values()
    named = {name for case in cases for name in case.pipelines.values()}
    try:
        there = workload.pipelines.arns()
        deployed = read_pipelines(workload.pipelines, named & set(there))
        states = states_of(workload.pipelines, deployed)
        last = fan_out(workload.executions.latest, deployed)
    except RemoteError as error:
        return None, error.message
    return _Live(deployed, states, dict(zip(deployed, last, strict=True))), ""


def _use_case(
    root: Path, environment: WorkloadEnvironment, name: str, live: _Live | None, problem: str
) -> UseCaseStatus:
    found = UseCaseStatus(name, environment.environment, environment.account_id)
    if live is None:
        return replace(found, problems=(problem,))
    keys = dict(sorted(environment.use_cases[name].pipelines.items()))
    deployed = {each: live.states[each] for each in keys.values() if each in live.states}
    try:
        expected = expected_of(root, environment, name, deployed)
    except BuildError as error:
        expected, found = {}, replace(found, problems=(error.message,))
    return replace(
        found,
        pipelines=tuple(
            _pipeline(
                key,
                pipeline,
                live.states[pipeline_name],
                drift_of(environment, name, pipeline_name, live.states[pipeline_name], expected),
                live.last[pipeline_name],
            )
            if (pipeline := live.deployed.get(pipeline_name))
            else PipelineStatus(key, pipeline_name)
            for key, pipeline_name in keys.items()
        ),
    )


def _pipeline(
    key: str,
    pipeline: DeployedPipeline,
    state: PipelineState,
    drift: Drift,
    last: ExecutionState | None,
) -> PipelineStatus:
    foreign = drift in {Drift.EDITED, Drift.UNKNOWN}
    return PipelineStatus(
        key=key,
        name=pipeline.name,
        deployed=True,
        release_digest=state.tags.get(RELEASE, ""),
        git_commit=state.tags.get(GIT_COMMIT, ""),
        last_modified_at=pipeline.last_modified_at,
        applied_at=None if foreign else pipeline.last_modified_at,
        edited_by_hand=drift is Drift.EDITED,
        drift=drift,
        last_execution_status=last.status if last else "",
        last_execution_arn=last.arn if last else "",
        last_execution_at=last.started_at if last else None,
    )
