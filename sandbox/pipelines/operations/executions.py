"""Operations that start, stop and change executions.

Reads and writes the store; starts a thread for each execution.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from sandbox.pipelines import events
from sandbox.pipelines.definition.values import parameter_values
from sandbox.pipelines.errors import conflict, validation
from sandbox.pipelines.execution.run import ExecutionRunner
from sandbox.pipelines.operations.call import Call, once
from sandbox.pipelines.operations.pipelines import find_version
from sandbox.pipelines.records import Execution, Pipeline, PipelineVersion
from sandbox.pipelines.store import new_execution_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.model import Document


def start_pipeline_execution(call: Call) -> Document:
    """Serve StartPipelineExecution."""
    pipeline = call.store.pipeline(call.request["PipelineName"], call.principal, call.region)
    return once(call, pipeline.arn, lambda: _start(call, pipeline))


def _start(call: Call, pipeline: Pipeline) -> Document:
    request = call.request
    if request.get("SelectiveExecutionConfig"):
        raise validation("The sandbox does not run selective executions; start the whole pipeline")
    version = find_version(
        pipeline, request.get("PipelineVersionId"), request.get("PipelineVersionAlias")
    )
    definition = version.definition
    parameters = parameter_values(definition.parameters, request.get("PipelineParameters") or [])
    return _launch(call, pipeline, version, parameters)


def _launch(
    call: Call, pipeline: Pipeline, version: PipelineVersion, parameters: Document
) -> Document:
    request, now = call.request, call.services.clock.now()
    identifier = new_execution_id()
    default_name = f"execution-{int(now.timestamp() * 1000)}"
    execution = Execution(
        id=identifier,
        arn=f"{pipeline.arn}/execution/{identifier}",
        pipeline_arn=pipeline.arn,
        pipeline_name=pipeline.name,
        account_id=pipeline.account_id,
        region=pipeline.region,
        version=version.number,
        definition=version.definition,
        parameters=parameters,
        role_arn=request.get("RoleArn") or pipeline.role_arn,
        parallelism=request.get("ParallelismConfiguration") or pipeline.parallelism,
        display_name=request.get("PipelineExecutionDisplayName") or default_name,
        description=request.get("PipelineExecutionDescription") or "",
        created_at=now,
        modified_at=now,
        created_by=call.principal,
        modified_by=call.principal,
    )
    call.store.put_execution(execution)
    pipeline.last_run_at, version.last_execution_arn = now, execution.arn
    run(call, execution)
    return {"PipelineExecutionArn": execution.arn}


def run(call: Call, execution: Execution, previous: str = "") -> None:
    """Run an execution in a thread of its own."""
    runner = ExecutionRunner(execution, call.services, call.cache, previous)
    execution.thread = threading.Thread(target=runner.run, name=execution.id, daemon=True)
    execution.thread.start()


def retry_pipeline_execution(call: Call) -> Document:
    """Serve RetryPipelineExecution: the steps that did not succeed run again."""
    arn = call.request["PipelineExecutionArn"]
    execution = call.store.execution(arn, call.principal)
    return once(call, arn, lambda: _retry(call, execution))


def _retry(call: Call, execution: Execution) -> Document:
    with execution.lock:
        previous = execution.status
        if previous not in {"Failed", "Stopped"}:
            raise conflict(
                f"Pipeline execution {execution.arn} cannot be retried: it is {previous}"
            )
        execution.status, execution.failure_reason = "Executing", ""
        execution.parallelism = call.request.get("ParallelismConfiguration", execution.parallelism)
        execution.modified_at, execution.modified_by = call.services.clock.now(), call.principal
        execution.steps = {
            name: record for name, record in execution.steps.items() if record.status == "Succeeded"
        }
        execution.stop.clear()
        execution.done.clear()
    run(call, execution, previous)
    return {"PipelineExecutionArn": execution.arn}


def stop_pipeline_execution(call: Call) -> Document:
    """Serve StopPipelineExecution: running steps are stopped, no other starts."""
    arn = call.request["PipelineExecutionArn"]
    execution = call.store.execution(arn, call.principal)
    return once(call, arn, lambda: _stop(call, execution))


def _stop(call: Call, execution: Execution) -> Document:
    now, emit = call.services.clock.now(), call.services.emit
    with execution.lock:
        if execution.status != "Executing":
            raise conflict(
                f"Pipeline execution {execution.arn} cannot be stopped: it is {execution.status}"
            )
        execution.status = "Stopping"
        execution.modified_at, execution.modified_by = now, call.principal
        running = [record for record in execution.steps.values() if record.status == "Executing"]
        for record in running:
            record.status = "Stopping"
        execution.stop.set()
        actions = list(execution.stop_actions.values())
        execution.lock.notify_all()
    # Stopping a job is a call of the API by the role; the caller does not wait for it.
    threading.Thread(target=_act, args=(actions,), name=f"stop-{execution.id}", daemon=True).start()
    events.execution_changed(emit, execution, "Executing", now)
    for record in running:
        events.step_changed(emit, execution, record, "Executing", now)
    return {"PipelineExecutionArn": execution.arn}


def _act(actions: list[Callable[[], None]]) -> None:
    for action in actions:
        action()


def update_pipeline_execution(call: Call) -> Document:
    """Serve UpdatePipelineExecution."""
    request = call.request
    execution = call.store.execution(request["PipelineExecutionArn"], call.principal)
    with execution.lock:
        execution.description = request.get("PipelineExecutionDescription", execution.description)
        execution.display_name = request.get("PipelineExecutionDisplayName", execution.display_name)
        execution.parallelism = request.get("ParallelismConfiguration", execution.parallelism)
        execution.modified_at, execution.modified_by = call.services.clock.now(), call.principal
        execution.lock.notify_all()
    return {"PipelineExecutionArn": execution.arn}


def send_step_success(call: Call) -> Document:
    """Serve SendPipelineExecutionStepSuccess."""
    request = call.request
    outputs = request.get("OutputParameters") or []
    callback = call.services.callbacks.succeed(
        request["CallbackToken"], call.principal.account_id, outputs
    )
    return {"PipelineExecutionArn": callback.execution_arn}


def send_step_failure(call: Call) -> Document:
    """Serve SendPipelineExecutionStepFailure."""
    request = call.request
    callback = call.services.callbacks.fail(
        request["CallbackToken"], call.principal.account_id, request.get("FailureReason") or ""
    )
    return {"PipelineExecutionArn": callback.execution_arn}
