"""Why a drift is not to start training, if anything stands against it.

Calls sagemaker ListPipelineExecutions; ListModelPackages and DescribeModelPackage on the use
case's group; ListPipelineExecutionSteps where the policy looks at more than one batch. Standard
library only.
"""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from promotion.handlers.drift import Drift, Target

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sagemaker.type_defs import PipelineExecutionSummaryTypeDef

PAGE = 100  # the most that ListPipelineExecutions gives at once
RUNNING = {"Executing", "Stopping"}
# The newest versions that await approval; one that has more before it has been forgotten.
CANDIDATES = 50
# Executions of which the verdict on their batch is sought, for each batch that counts.
EXECUTIONS_FOR_A_BATCH = 5


@dataclass(frozen=True)
class Training:
    """The train pipeline's executions as this drift sees them.

    Attributes:
        own_arn: execution that this very drift has started; empty when there is none.
        own_since: when it was started.
        busy: why no other is started now; empty when nothing stands against it.
    """

    own_arn: str
    own_since: datetime.datetime | None
    busy: str


def training(drift: Drift, target: Target, sagemaker: "SageMakerClient") -> Training:
    """Return what the train pipeline's executions say.

    Raises:
        ClientError: SageMaker fails.
    """
    since = drift.at - datetime.timedelta(seconds=target.cooldown_seconds)
    busy = ""
    for execution in executions(target.pipeline_name, sagemaker):
        arn, status = execution["PipelineExecutionArn"], execution["PipelineExecutionStatus"]
        if execution.get("PipelineExecutionDisplayName") == drift.display_name:
            return Training(arn, execution["StartTime"], "")
        if not busy and status in RUNNING:
            busy = f"{arn} is {status}"
        elif not busy and execution["StartTime"] >= since:
            busy = f"{arn} started within the cool-down of {target.cooldown_seconds} s"
    return Training("", None, busy)


def waiting_candidate(drift: Drift, target: Target, sagemaker: "SageMakerClient") -> str:
    """Return the version trained for this very batch that awaits approval; empty without one.

    Raises:
        ClientError: SageMaker fails.
    """
    request: dict[str, Any] = {
        "ModelPackageGroupName": target.model_package_group_arn,
        "ModelApprovalStatus": "PendingManualApproval",
        "SortBy": "CreationTime",
        "SortOrder": "Descending",
    }
    pages = sagemaker.get_paginator("list_model_packages").paginate(
        **request, PaginationConfig={"MaxItems": CANDIDATES}
    )
    for page in pages:
        for summary in page["ModelPackageSummaryList"]:
            arn = summary["ModelPackageArn"]
            package = sagemaker.describe_model_package(ModelPackageName=arn)
            facts = package.get("CustomerMetadataProperties", {})
            batch = facts.get("drifted_batch_uri"), facts.get("drifted_batch_version")
            if batch == (drift.batch_uri, drift.batch_version):
                return arn
    return ""


def too_few_drifted(drift: Drift, target: Target, sagemaker: "SageMakerClient") -> str:
    """Return why the last batches do not ask for training yet; empty when they do.

    A batch counts once, by its newest run that came to a verdict: it drifted when the run reached
    the target's drift step, and did not when the run succeeded. Runs that failed otherwise say
    nothing about their batch.

    Raises:
        ClientError: SageMaker fails.
    """
    if target.of_batches <= 1:
        return ""
    verdicts = {drift.batch_uri: True}
    for batch, drifted in _verdicts(drift, target, sagemaker):
        verdicts.setdefault(batch, drifted)
        if len(verdicts) == target.of_batches:
            break
    found = sum(verdicts.values())
    if found >= target.drifted_batches:
        return ""
    return (
        f"{found} of the last {len(verdicts)} batches drifted; training starts at "
        f"{target.drifted_batches} of {target.of_batches}"
    )


def _verdicts(
    drift: Drift, target: Target, sagemaker: "SageMakerClient"
) -> Iterator[tuple[str, bool]]:
    """Yield batches and whether they drifted, of earlier runs, newest first."""
    found = [
        execution
        for name in target.watched_pipelines
        for execution in executions(name, sagemaker)
        if execution["StartTime"] <= drift.at
    ]
    found.sort(key=lambda execution: execution["StartTime"], reverse=True)
    for execution in found[: EXECUTIONS_FOR_A_BATCH * target.of_batches]:
        steps = _steps(execution["PipelineExecutionArn"], sagemaker)
        batch = _batch(steps)
        stopped = any(step["StepName"] == target.drift_step for step in steps)
        if batch and (stopped or execution["PipelineExecutionStatus"] == "Succeeded"):
            yield batch, stopped


def _steps(arn: str, sagemaker: "SageMakerClient") -> list[Any]:
    pages = sagemaker.get_paginator("list_pipeline_execution_steps").paginate(
        PipelineExecutionArn=arn
    )
    return [step for page in pages for step in page["PipelineExecutionSteps"]]


def _batch(steps: list[Any]) -> str:
    """Return the batch that a run resolved, from its Lambda steps' outputs."""
    for step in steps:
        outputs = step.get("Metadata", {}).get("Lambda", {}).get("OutputParameters", [])
        for output in outputs:
            if output["Name"] == "batch_uri":
                return str(output["Value"])
    return ""


def executions(
    pipeline_name: str, sagemaker: "SageMakerClient"
) -> Iterator["PipelineExecutionSummaryTypeDef"]:
    """Yield a pipeline's executions, newest first.

    Raises:
        ClientError: SageMaker fails.
    """
    pages = sagemaker.get_paginator("list_pipeline_executions").paginate(
        PipelineName=pipeline_name,
        SortBy="CreationTime",
        SortOrder="Descending",
        PaginationConfig={"PageSize": PAGE},
    )
    for page in pages:
        yield from page["PipelineExecutionSummaries"]
