"""Starts an execution of a use case's pipeline in an environment.

Reads the environment's file; calls SageMaker DescribePipeline; `Start.start` mutates with
StartPipelineExecution.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from promotion.aws.errors import RemoteMissing
from promotion.aws.executions import Executions
from promotion.aws.pipelines import Pipelines
from promotion.aws.session import Accounts
from promotion.config import WorkloadEnvironment, load_workload
from promotion.errors import ConfigError, RemoteError
from promotion.execution.parameters import check_parameters
from promotion.plan.compare import parse_definition


@dataclass(frozen=True)
class Start:
    """An execution that can be started.

    Attributes:
        account_id: account in which it runs.
        environment: name of the environment.
        pipeline_name: name of the pipeline in the account.
        parameters: checked values by parameter name.
        executions: gateway to the executions.
    """

    account_id: str
    environment: str
    pipeline_name: str
    parameters: Mapping[str, str]
    executions: Executions

    def start(self) -> str:
        """Start the execution and return its ARN. Mutates the account."""
        return self.executions.start(self.pipeline_name, self.parameters)


def prepare_start(
    root: Path,
    environment_name: str,
    use_case: str,
    pipeline: str,
    parameters: Mapping[str, str],
    *,
    accounts: Accounts,
) -> Start:
    """Check that an execution can be started. Mutates nothing.

    Args:
        root: top folder of the project.
        environment_name: where to run it.
        use_case: which use case.
        pipeline: key of the pipeline in the use case.
        parameters: values by parameter name.
        accounts: opens the session in the environment's account.

    Raises:
        ConfigError: the environment has no such use case or pipeline, or parameters are wrong.
        RemoteError: the pipeline is not deployed, or AWS fails.
    """
    environment = load_workload(root, environment_name)
    name = _pipeline_name(environment, use_case, pipeline)
    session = accounts.open(environment, environment.deploy_role_arn)
    try:
        deployed = Pipelines(session.sagemaker, session.account_id).describe(name)
    except RemoteMissing as error:
        raise RemoteError(
            f"pipeline {name} is not deployed in {environment_name} ({session.account_id})",
            account_id=session.account_id,
            operation="sagemaker.DescribePipeline",
            resource=name,
            hint=f"plan and apply a release: promote plan {environment_name}",
        ) from error
    check_parameters(name, parse_definition(deployed.definition_json), parameters)
    return Start(
        account_id=session.account_id,
        environment=environment_name,
        pipeline_name=name,
        parameters=parameters,
        executions=Executions(session.sagemaker, session.account_id),
    )


def _pipeline_name(environment: WorkloadEnvironment, use_case: str, pipeline: str) -> str:
    found = environment.use_cases.get(use_case)
    if found is None:
        raise ConfigError(
            f"environment {environment.environment} has no use case {use_case}",
            hint=f"it has: {', '.join(sorted(environment.use_cases)) or 'none'}",
        )
    if pipeline not in found.pipelines:
        raise ConfigError(
            f"use case {use_case} has no pipeline {pipeline} in {environment.environment}",
            hint=f"it has: {', '.join(sorted(found.pipelines))}",
        )
    return found.pipelines[pipeline]
