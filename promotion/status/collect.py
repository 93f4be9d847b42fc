"""Collects the status of environments.

Calls SageMaker ListPipelines, DescribePipeline (and ListTags for a pipeline without our mark) and
ListPipelineExecutions in each workload account, ListModelPackages and DescribeModelPackage in the
registry account. An account that cannot be asked leaves a problem in its rows and keeps no other
from being told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from promotion.aws.executions import Executions
from promotion.aws.fanout import fan_out
from promotion.aws.pipelines import Pipelines
from promotion.aws.session import Accounts
from promotion.config import WorkloadEnvironment, load_environments, load_workload
from promotion.errors import RemoteError
from promotion.plan.ownership import GIT_COMMIT, RELEASE, edited_by_hand
from promotion.plan.remote import read_pipelines, states_of
from promotion.registry.versions import PENDING, in_service, open_registry
from promotion.status.model import PipelineStatus, UseCaseStatus


@dataclass(frozen=True)
class _Models:
    """What the registry says of a use case's model."""

    in_service: int | None = None
    pending: tuple[int, ...] = ()
    problem: str = ""


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
    models = _models(root, environments, accounts)
    statuses = [
        status
        for environment in environments
        for status in _environment(environment, models, accounts)
    ]
    return tuple(sorted(statuses, key=lambda status: (status.use_case, status.environment)))


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
    found: dict[str, _Models] = {}
    for name in use_cases:
        try:
            versions = registry.versions(name)
        except RemoteError as error:
            found[name] = _Models(problem=f"registry: {error.message}")
            continue
        serving = in_service(versions)
        pending = tuple(sorted(item.version for item in versions if item.status == PENDING))
        found[name] = _Models(serving.version if serving else None, pending)
    return found


def _environment(
    environment: WorkloadEnvironment, models: Mapping[str, _Models], accounts: Accounts
) -> list[UseCaseStatus]:
    pipelines: dict[str, PipelineStatus] = {}
    problem = ""
    try:
        pipelines = _pipelines(environment, accounts)
    except RemoteError as error:
        problem = error.message
    return [
        UseCaseStatus(
            use_case=name,
            environment=environment.environment,
            account_id=environment.account_id,
            pipelines=tuple(
                pipelines[pipeline]
                for _, pipeline in sorted(use_case.pipelines.items())
                if pipeline in pipelines
            ),
            model_in_service=models[name].in_service,
            pending_approvals=models[name].pending,
            problems=tuple(each for each in (problem, models[name].problem) if each),
        )
        for name, use_case in environment.use_cases.items()
    ]


def _pipelines(environment: WorkloadEnvironment, accounts: Accounts) -> dict[str, PipelineStatus]:
    session = accounts.open(environment, environment.plan_role_arn)
    gateway = Pipelines(session.sagemaker, session.account_id)
    executions = Executions(session.sagemaker, session.account_id)
    keys = {
        name: key for case in environment.use_cases.values() for key, name in case.pipelines.items()
    }
    deployed = read_pipelines(gateway, set(keys) & set(gateway.arns()))
    states = states_of(gateway, deployed)
    latest = dict(zip(deployed, fan_out(executions.latest, deployed), strict=True))
    found = {name: PipelineStatus(key=key, name=name) for name, key in keys.items()}
    for name, pipeline in deployed.items():
        last, tags = latest[name], states[name].tags
        found[name] = PipelineStatus(
            key=keys[name],
            name=name,
            deployed=True,
            release_digest=tags.get(RELEASE, ""),
            git_commit=tags.get(GIT_COMMIT, ""),
            last_modified_at=pipeline.last_modified_at,
            edited_by_hand=edited_by_hand(pipeline.definition_json, tags),
            last_execution_status=last.status if last else "",
            last_execution_arn=last.arn if last else "",
            last_execution_at=last.started_at if last else None,
        )
    return found
