"""EventBridge events of executions, steps and jobs, in AWS's documented shapes.

Reads, writes and calls nothing but ``emit``. Shapes:
https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.model import Document, Emit
    from sandbox.pipelines.jobs.job import Job
    from sandbox.pipelines.records import Execution, StepRecord

SOURCE = "aws.sagemaker"
_log = logging.getLogger(__name__)


def execution_changed(emit: Emit, execution: Execution, previous: str, now: datetime) -> None:
    """Emit the change of an execution's status; ``previous`` is empty for a new one."""
    detail: Document = {
        "pipelineExecutionDisplayName": execution.display_name,
        "currentPipelineExecutionStatus": execution.status,
        "executionStartTime": _iso(execution.created_at),
        "pipelineExecutionDescription": execution.description,
        "pipelineArn": execution.pipeline_arn,
        "pipelineExecutionArn": execution.arn,
    }
    if previous:
        detail["previousPipelineExecutionStatus"] = previous
    if execution.done.is_set():
        detail["executionEndTime"] = _iso(now)
    if execution.failure_reason:
        detail["failureReason"] = execution.failure_reason
    _emit(emit, execution, "SageMaker Model Building Pipeline Execution Status Change", detail, now)


def step_changed(
    emit: Emit, execution: Execution, record: StepRecord, previous: str, now: datetime
) -> None:
    """Emit the change of a step's status."""
    detail: Document = {
        "metadata": _lower_keys(record.metadata),
        "stepStartTime": _iso(record.started_at),
        "stepName": record.name,
        "stepType": record.type,
        "currentStepStatus": record.status,
        "pipelineArn": execution.pipeline_arn,
        "pipelineExecutionArn": execution.arn,
    }
    if previous:
        detail["previousStepStatus"] = previous
    if record.ended_at:
        detail["stepEndTime"] = _iso(record.ended_at)
    if record.failure_reason:
        detail["failureReason"] = record.failure_reason
    if record.cache_source_arn:
        detail["cacheHitResult"] = {"sourcePipelineExecutionArn": record.cache_source_arn}
    _emit(
        emit,
        execution,
        "SageMaker Model Building Pipeline Execution Step Status Change",
        detail,
        now,
    )


def job_changed(emit: Emit, job: Job, now: datetime) -> None:
    """Emit a job's state change; the detail is the job's description, times in milliseconds."""
    kind, description = job.kind, job.description()
    detail = {
        key: int(value * 1000) if key.endswith("Time") and isinstance(value, float) else value
        for key, value in description.items()
    }
    event = {
        "source": SOURCE,
        "detail-type": f"SageMaker {kind} Job State Change",
        "resources": [description[f"{kind}JobArn"]],
        "region": job.region,
        "time": now,
        "detail": {**detail, "Tags": {}},
    }
    _publish(emit, job.account_id, event)


def _emit(
    emit: Emit, execution: Execution, detail_type: str, detail: Document, now: datetime
) -> None:
    event = {
        "source": SOURCE,
        "detail-type": detail_type,
        "resources": [execution.pipeline_arn, execution.arn],
        "region": execution.region,
        "time": now,
        "detail": detail,
    }
    _publish(emit, execution.account_id, event)


def _publish(emit: Emit, account_id: str, event: Document) -> None:
    try:
        emit(account_id, event)
    except Exception:  # as on AWS, an event that cannot be sent changes nothing else
        _log.exception("event %s of %s", event["detail-type"], event["resources"])


def _lower_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return {key[:1].lower() + key[1:]: _lower_keys(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_lower_keys(item) for item in value]
    return value


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
