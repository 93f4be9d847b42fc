"""Executions of SageMaker pipelines: start, follow, look up the last one.

Calls SageMaker ListPipelineExecutions, DescribePipelineExecution, ListPipelineExecutionSteps;
mutates with StartPipelineExecution.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from promotion.aws.errors import Call, remote_call

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from mypy_boto3_sagemaker import SageMakerClient


_RUNNING = frozenset({"Executing", "Stopping"})


@dataclass(frozen=True)
class ExecutionState:
    """How an execution stands.

    Attributes:
        arn: ARN of the execution.
        status: Executing, Stopping, Stopped, Failed or Succeeded.
        failure_reason: what SageMaker says of a failure; empty otherwise.
        started_at: when it was started, aware; None where AWS does not say.
    """

    arn: str
    status: str
    failure_reason: str = ""
    started_at: datetime | None = None


@dataclass(frozen=True)
class StepState:
    """How a step of an execution stands.

    Attributes:
        name: name of the step.
        status: Starting, Executing, Stopping, Stopped, Failed or Succeeded.
        failure_reason: what SageMaker says of a failure; empty otherwise.
        started_at: aware, or None while it has not started.
        ended_at: aware, or None while it has not ended.
        resource_arn: ARN of the job, function or model package of the step; empty without one.
        outcome: outcome of a condition; empty for other steps.
    """

    name: str
    status: str
    failure_reason: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    resource_arn: str = ""
    outcome: str = ""


class Executions:
    """Starts and reads executions.

    Args:
        client: SageMaker client of the account.
        account_id: the account, for messages.
    """

    def __init__(self, client: "SageMakerClient", account_id: str) -> None:
        """Keep the client."""
        self._client = client
        self._account_id = account_id

    def start(self, pipeline_name: str, parameters: Mapping[str, str]) -> str:
        """Start an execution and return its ARN. Mutates the account."""
        with self._call("StartPipelineExecution", pipeline_name):
            answer = self._client.start_pipeline_execution(
                PipelineName=pipeline_name,
                PipelineParameters=[
                    {"Name": name, "Value": value} for name, value in parameters.items()
                ],
                ClientRequestToken=uuid4().hex,
            )
        return answer["PipelineExecutionArn"]

    def describe(self, execution_arn: str) -> ExecutionState:
        """Return how an execution stands."""
        with self._call("DescribePipelineExecution", execution_arn):
            found = self._client.describe_pipeline_execution(PipelineExecutionArn=execution_arn)
        return ExecutionState(
            arn=execution_arn,
            status=found["PipelineExecutionStatus"],
            failure_reason=found.get("FailureReason", ""),
            started_at=found.get("CreationTime"),
        )

    def steps(self, execution_arn: str) -> tuple[StepState, ...]:
        """Return the steps that have started, in the order in which they did."""
        with self._call("ListPipelineExecutionSteps", execution_arn):
            pages = self._client.get_paginator("list_pipeline_execution_steps").paginate(
                PipelineExecutionArn=execution_arn, SortOrder="Ascending"
            )
            steps = [step for page in pages for step in page.get("PipelineExecutionSteps", [])]
        return tuple(_step(dict(step)) for step in steps)

    def latest(self, pipeline_name: str) -> ExecutionState | None:
        """Return the last execution that was started, or None when there was none yet."""
        with self._call("ListPipelineExecutions", pipeline_name):
            page = self._client.list_pipeline_executions(
                PipelineName=pipeline_name,
                SortBy="CreationTime",
                SortOrder="Descending",
                MaxResults=1,
            )
        found = page.get("PipelineExecutionSummaries", [])
        if not found:
            return None
        last = max(found, key=lambda summary: summary["StartTime"])
        return ExecutionState(
            arn=last["PipelineExecutionArn"],
            status=last["PipelineExecutionStatus"],
            failure_reason=last.get("PipelineExecutionFailureReason", ""),
            started_at=last["StartTime"],
        )

    def running(self, pipeline_name: str) -> tuple[str, ...]:
        """Return the ARNs of the executions that have not ended, the newest first.

        SageMaker cannot list by status; the newest hundred are looked at, which is one page. What
        runs for longer than that keeps SageMaker itself from deleting the pipeline.
        """
        with self._call("ListPipelineExecutions", pipeline_name):
            page = self._client.list_pipeline_executions(
                PipelineName=pipeline_name,
                SortBy="CreationTime",
                SortOrder="Descending",
                MaxResults=100,
            )
        return tuple(
            summary["PipelineExecutionArn"]
            for summary in page.get("PipelineExecutionSummaries", [])
            if summary["PipelineExecutionStatus"] in _RUNNING
        )

    def _call(self, operation: str, resource: str | None = None) -> "AbstractContextManager[None]":
        return remote_call(Call(self._account_id, f"sagemaker.{operation}", resource))


def _first(details: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    # A step's metadata has one key, its type: {"ProcessingJob": {"Arn": ...}}.
    for kind, facts in details.items():
        return kind, facts
    return "", {}


def _step(step: Mapping[str, Any]) -> StepState:
    details: Mapping[str, Any] = step.get("Metadata", {})
    kind, facts = _first(details)
    reason = step.get("FailureReason", "") or (
        facts.get("ErrorMessage", "") if kind == "Fail" else ""
    )
    return StepState(
        name=step["StepName"],
        status=step["StepStatus"],
        failure_reason=reason,
        started_at=step.get("StartTime"),
        ended_at=step.get("EndTime"),
        resource_arn=str(facts.get("Arn", "")),
        outcome=str(facts.get("Outcome", "")) if kind == "Condition" else "",
    )
