"""Lambda: starts one training run for a drift event.

Calls sagemaker ListPipelineExecutions and StartPipelineExecution on the pipeline that the
environment variable RETRAIN names for the event's use case. Standard library and boto3 only.
"""

import datetime
import hashlib
import json
import os
from typing import TYPE_CHECKING, Any, TypedDict

import boto3

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

RUNNING = {"Executing", "Stopping"}


class NoRetrain(Exception):
    """The use case is not configured to be retrained."""


class Outcome(TypedDict):
    """ARN of the execution that was started, or None; and why."""

    started: str | None
    reason: str


def handler(event: dict[str, Any], context: object) -> Outcome:
    """Start training for a "Data Drift Detected" event, unless it has been started already."""
    # The event's own time, not the clock of this machine: both differ when deliveries are late.
    now = datetime.datetime.fromisoformat(event["time"])
    targets = json.loads(os.environ["RETRAIN"])
    return start(event["detail"], targets, now, boto3.client("sagemaker"))


def start(
    drift: dict[str, Any],
    targets: dict[str, dict[str, Any]],
    now: datetime.datetime,
    sagemaker: "SageMakerClient",
) -> Outcome:
    """Start the use case's pipeline with the drifted batch, unless it runs or has just run.

    Args:
        drift: has use_case, model_package_arn and batch_uri.
        targets: by use case: pipeline_name, and cooldown_seconds.
        now: when the drift was found; aware.
        sagemaker: SageMaker client.

    Raises:
        NoRetrain: there is no target for the use case.
    """
    if drift["use_case"] not in targets:
        raise NoRetrain(f"no pipeline is configured to retrain {drift['use_case']!r}")
    target = targets[drift["use_case"]]
    name, cooldown = target["pipeline_name"], target["cooldown_seconds"]
    since = now - datetime.timedelta(seconds=cooldown)
    if reason := reason_to_wait(name, since, sagemaker):
        return Outcome(started=None, reason=reason)
    arn = sagemaker.start_pipeline_execution(
        PipelineName=name,
        PipelineExecutionDescription=f"data drift in {drift['batch_uri']}"[:3072],
        PipelineParameters=[{"Name": "DriftedBatchUri", "Value": drift["batch_uri"]}],
        # Delivered twice, the same drift starts the same execution.
        ClientRequestToken=request_token(drift["model_package_arn"], drift["batch_uri"]),
    )["PipelineExecutionArn"]
    return Outcome(started=arn, reason=f"data drift in {drift['batch_uri']}")


def reason_to_wait(name: str, since: datetime.datetime, sagemaker: "SageMakerClient") -> str | None:
    """Return why a pipeline is not to be started: it runs, or was started after `since`."""
    request: dict[str, Any] = {
        "PipelineName": name,
        "SortBy": "CreationTime",
        "SortOrder": "Descending",
    }
    while True:
        page = sagemaker.list_pipeline_executions(**request)
        for execution in page["PipelineExecutionSummaries"]:
            arn, status = execution["PipelineExecutionArn"], execution["PipelineExecutionStatus"]
            if status in RUNNING:
                return f"{arn} is {status}"
            if execution["StartTime"] >= since:
                return f"{arn} started within the cool-down"
        if not page.get("NextToken"):
            return None
        request["NextToken"] = page["NextToken"]


def request_token(model_package_arn: str, batch_uri: str) -> str:
    """Return the idempotency token of a drift: the same for the same model and batch."""
    return hashlib.sha256(f"{model_package_arn}|{batch_uri}".encode()).hexdigest()
