"""Runs one execution: starts steps as they become ready, each in a thread of its own.

Calls the step types, which call AWS; emits an event at each change of status.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from sandbox.model import ServiceError
from sandbox.pipelines import events
from sandbox.pipelines.errors import ExpressionError, StepFailure, StepStopped
from sandbox.pipelines.execution.cache import CacheEntry, StepCache, cache_key
from sandbox.pipelines.execution.context import Services, StepContext
from sandbox.pipelines.execution.graph import Graph
from sandbox.pipelines.execution.retry import Retries
from sandbox.pipelines.records import Execution, StepRecord
from sandbox.pipelines.steps import StepOutcome, StepType, step_types

if TYPE_CHECKING:
    from datetime import datetime

    from sandbox.pipelines.definition.model import Step

_DEFAULT_PARALLELISM = 50  # https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ParallelismConfiguration.html
_log = logging.getLogger(__name__)


class ExecutionRunner:
    """Runs the steps of one execution; ``run`` returns when the execution has ended.

    Args:
        execution: Its succeeded steps, if any, are not run again.
        services: What steps call.
        cache: Results of earlier steps.
        previous: Status before, of a retried execution.
    """

    def __init__(
        self, execution: Execution, services: Services, cache: StepCache, previous: str = ""
    ) -> None:
        self._execution = execution
        self._services = services
        self._cache = cache
        self._graph = Graph(execution.definition)
        for record in execution.steps.values():  # of a retried execution
            outcome = record.properties.get("Outcome") if record.type == "Condition" else None
            branch = outcome == "True" if outcome else None
            self._graph.end(record.name, record.status, branch)
        self._previous = previous

    def run(self) -> None:
        """Run every step that may run, then set the execution's final status."""
        execution = self._execution
        events.execution_changed(self._services.emit, execution, self._previous, self._now())
        while True:
            with execution.lock:
                started = self._start_ready()
                if not started and not self._graph.running:
                    break
                if not started:
                    execution.lock.wait()
                    continue
            for step, record in started:
                name = f"{execution.id}-{step.name}"
                threading.Thread(
                    target=self._execute, args=(step, record), name=name, daemon=True
                ).start()
        self._finish()

    def _start_ready(self) -> list[tuple[Step, StepRecord]]:
        execution = self._execution
        if execution.stop.is_set():
            return []
        limit = (execution.parallelism or {}).get("MaxParallelExecutionSteps", _DEFAULT_PARALLELISM)
        room = max(int(limit) - self._graph.running, 0)
        started = []
        for step in self._graph.ready()[:room]:
            record = StepRecord(
                name=step.name,
                type=step.type,
                display_name=step.document.get("DisplayName") or "",
                description=step.document.get("Description") or "",
                started_at=self._now(),
            )
            execution.steps[step.name] = record
            self._graph.start(step.name)
            started.append((step, record))
        return started

    def _execute(self, step: Step, record: StepRecord) -> None:
        self._announce(record, "")
        self._set_status(record, "Executing")
        status, reason, branch = "Succeeded", "", None
        try:
            outcome = self._attempt(step, record)
            branch = outcome.branch
        except StepStopped:
            status = "Stopped"
        except StepFailure as failure:
            status, reason = "Failed", failure.reason
        except ExpressionError as error:
            status, reason = "Failed", f"ClientError: {error}"
        except Exception as error:  # the engine's own fault must not hang the execution
            _log.exception("step %s of %s", step.name, self._execution.arn)
            status, reason = "Failed", f"InternalServerError: {type(error).__name__}: {error}"
        with self._execution.lock:
            record.ended_at = self._now()
            record.failure_reason = reason[:1024]
        self._set_status(record, status)
        with self._execution.lock:
            self._graph.end(step.name, status, branch)
            self._execution.lock.notify_all()

    def _attempt(self, step: Step, record: StepRecord) -> StepOutcome:
        step_type = step_types()[step.type]
        retries = Retries.of(step.document.get("RetryPolicies") or [])
        while True:
            context = StepContext(step, self._execution, record, self._services)
            try:
                return self._run_or_reuse(step_type, context)
            except (StepFailure, ServiceError) as error:
                failure = as_step_failure(error)
                delay = retries.next_delay_seconds(failure.kind)
                if delay is None:
                    raise failure from error
                if self._execution.stop.wait(delay):
                    raise StepStopped from error
                with self._execution.lock:
                    record.attempts += 1

    def _run_or_reuse(self, step_type: StepType, context: StepContext) -> StepOutcome:
        config = context.step.document.get("CacheConfig") or {}
        enabled = step_type.cacheable and config.get("Enabled") is True
        key = self._cache_key(context) if enabled else ""
        entry = self._cache.find(key, config.get("ExpireAfter"), self._now()) if key else None
        if entry is not None:
            with self._execution.lock:
                context.record.cache_source_arn = entry.execution_arn
                context.record.metadata = entry.metadata
                context.record.properties = entry.properties
            return StepOutcome(entry.properties)
        outcome = step_type.run(context)
        with self._execution.lock:
            context.record.properties = outcome.properties
        if key:
            metadata = context.record.metadata
            entry = CacheEntry(self._execution.arn, self._now(), outcome.properties, metadata)
            self._cache.keep(key, entry)
        return outcome

    def _cache_key(self, context: StepContext) -> str:
        arguments = context.resolved(context.step.arguments)
        step = context.step
        return cache_key(self._execution.pipeline_arn, step.name, step.type, arguments)

    def _finish(self) -> None:
        execution = self._execution
        failed = self._graph.failed()
        with execution.lock:
            previous, execution.modified_at = execution.status, self._now()
            if execution.stop.is_set():
                execution.status = "Stopped"
            elif failed:
                handled = all(self._graph.is_handled(name) for name in failed)
                execution.status = "CompletedWithFailures" if handled else "Failed"
                execution.failure_reason = "Step failure: One or multiple steps failed."
            else:
                execution.status = "Succeeded"
            execution.done.set()
        events.execution_changed(self._services.emit, execution, previous, self._now())

    def _set_status(self, record: StepRecord, status: str) -> None:
        with self._execution.lock:
            previous, record.status = record.status, status
        self._announce(record, previous)

    def _announce(self, record: StepRecord, previous: str) -> None:
        events.step_changed(self._services.emit, self._execution, record, previous, self._now())

    def _now(self) -> datetime:
        return self._services.clock.now()


def as_step_failure(error: StepFailure | ServiceError) -> StepFailure:
    """Return a failure of the role's session (a ServiceError) as the step's own failure."""
    if isinstance(error, StepFailure):
        return error
    return StepFailure(f"ClientError: {error.message}")
