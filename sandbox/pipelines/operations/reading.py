"""Operations that describe and list executions.

Reads the store.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.pipelines.errors import validation
from sandbox.pipelines.execution.expressions import text_of
from sandbox.pipelines.operations.call import Call, present, user_context
from sandbox.pipelines.operations.pipelines import find_version
from sandbox.pipelines.pages import ordered, page, within

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.model import Document
    from sandbox.pipelines.records import Execution, StepRecord


def describe_pipeline_execution(call: Call) -> Document:
    """Serve DescribePipelineExecution."""
    execution = _execution(call)
    with execution.lock:
        return present(
            {
                "PipelineArn": execution.pipeline_arn,
                "PipelineExecutionArn": execution.arn,
                "PipelineExecutionDisplayName": execution.display_name,
                "PipelineExecutionStatus": execution.status,
                "PipelineExecutionDescription": execution.description,
                "FailureReason": execution.failure_reason,
                "CreationTime": execution.created_at.timestamp(),
                "LastModifiedTime": execution.modified_at.timestamp(),
                "CreatedBy": user_context(execution.created_by),
                "LastModifiedBy": user_context(execution.modified_by),
                "ParallelismConfiguration": execution.parallelism,
                "PipelineVersionId": execution.version,
                "RoleArn": execution.role_arn,
            }
        )


def list_pipeline_executions(call: Call) -> Document:
    """Serve ListPipelineExecutions."""
    request = call.request
    pipeline = call.store.pipeline(request["PipelineName"], call.principal, call.region)
    found = [
        one
        for one in call.store.executions(pipeline.arn)
        if within(one.created_at, request, "Created")
    ]
    if request.get("PipelineVersionAlias"):
        version = find_version(pipeline, None, request["PipelineVersionAlias"])
        found = [one for one in found if one.version == version.number]
    keys: dict[str, Callable[[Execution], str]] = {
        "CreationTime": lambda one: one.created_at.isoformat(timespec="microseconds"),
        "PipelineExecutionArn": lambda one: one.arn,
    }
    rows, token = page(ordered(found, request, keys, "CreationTime"), request, 10)
    return {"PipelineExecutionSummaries": [_summary(row) for row in rows], **token}


def list_pipeline_execution_steps(call: Call) -> Document:
    """Serve ListPipelineExecutionSteps: the steps that have started, newest first."""
    if not call.request.get("PipelineExecutionArn"):
        raise validation("PipelineExecutionArn must not be null")
    execution = _execution(call)
    with execution.lock:
        records = list(execution.steps.values())
        if call.request.get("SortOrder", "Descending") == "Descending":
            records.reverse()
        rows, token = page(records, call.request, 10)
        return {"PipelineExecutionSteps": [_step(row) for row in rows], **token}


def list_pipeline_parameters_for_execution(call: Call) -> Document:
    """Serve ListPipelineParametersForExecution."""
    values = _execution(call).parameters
    found = [{"Name": name, "Value": text_of(value)} for name, value in values.items()]
    rows, token = page(found, call.request, 10)
    return {"PipelineParameters": rows, **token}


def describe_pipeline_definition_for_execution(call: Call) -> Document:
    """Serve DescribePipelineDefinitionForExecution."""
    execution = _execution(call)
    return {
        "PipelineDefinition": execution.definition.text,
        "CreationTime": execution.created_at.timestamp(),
    }


def _execution(call: Call) -> Execution:
    return call.store.execution(call.request["PipelineExecutionArn"], call.principal)


def _summary(execution: Execution) -> Document:
    with execution.lock:
        return present(
            {
                "PipelineExecutionArn": execution.arn,
                "StartTime": execution.created_at.timestamp(),
                "PipelineExecutionStatus": execution.status,
                "PipelineExecutionDescription": execution.description,
                "PipelineExecutionDisplayName": execution.display_name,
                "PipelineExecutionFailureReason": execution.failure_reason,
            }
        )


def _step(record: StepRecord) -> Document:
    row = present(
        {
            "StepName": record.name,
            "StepDisplayName": record.display_name,
            "StepDescription": record.description,
            "StartTime": record.started_at.timestamp(),
            "EndTime": record.ended_at and record.ended_at.timestamp(),
            "StepStatus": record.status,
            "FailureReason": record.failure_reason,
            "AttemptCount": record.attempts,
        }
    )
    if record.cache_source_arn:
        row["CacheHitResult"] = {"SourcePipelineExecutionArn": record.cache_source_arn}
    return {**row, "Metadata": record.metadata}
