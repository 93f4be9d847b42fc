"""The pipeline engine as a service: SageMaker operations on pipelines, executions and jobs.

Keeps everything in memory, per account and region; writes jobs' folders in the workspace;
calls AWS through ``AwsAccess`` as the roles that SageMaker would use.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sandbox.model import AwsAccess, Clock, Document, Emit, Principal, SandboxError, ServiceError
from sandbox.pipelines.callbacks import Callbacks
from sandbox.pipelines.execution.cache import StepCache
from sandbox.pipelines.execution.context import Services
from sandbox.pipelines.jobs.isolation import Isolation
from sandbox.pipelines.jobs.service import JobService
from sandbox.pipelines.operations import executions, pipelines, reading
from sandbox.pipelines.operations.call import Call, Operation
from sandbox.pipelines.operations.jobs import job_operations
from sandbox.pipelines.shapes import check_request
from sandbox.pipelines.store import Store

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_IDLE_POLL_SECONDS = 0.02
_OPERATIONS: Mapping[str, Operation] = {
    "CreatePipeline": pipelines.create_pipeline,
    "UpdatePipeline": pipelines.update_pipeline,
    "DeletePipeline": pipelines.delete_pipeline,
    "DescribePipeline": pipelines.describe_pipeline,
    "ListPipelines": pipelines.list_pipelines,
    "ListPipelineVersions": pipelines.list_pipeline_versions,
    "UpdatePipelineVersion": pipelines.update_pipeline_version,
    "StartPipelineExecution": executions.start_pipeline_execution,
    "StopPipelineExecution": executions.stop_pipeline_execution,
    "RetryPipelineExecution": executions.retry_pipeline_execution,
    "UpdatePipelineExecution": executions.update_pipeline_execution,
    "SendPipelineExecutionStepSuccess": executions.send_step_success,
    "SendPipelineExecutionStepFailure": executions.send_step_failure,
    "DescribePipelineExecution": reading.describe_pipeline_execution,
    "ListPipelineExecutions": reading.list_pipeline_executions,
    "ListPipelineExecutionSteps": reading.list_pipeline_execution_steps,
    "ListPipelineParametersForExecution": reading.list_pipeline_parameters_for_execution,
    "DescribePipelineDefinitionForExecution": reading.describe_pipeline_definition_for_execution,
    **job_operations(),
}


class PipelineService:
    """Serves SageMaker's pipeline and job operations.

    Args:
        aws: Hands out clients of the sandbox's server.
        clock: The virtual time.
        emit: Publishes events; must return soon.
        workspace: Folder of the jobs: ``ACCOUNT/NAME/log``.
        isolation: How jobs get their ``/opt/ml``; the best that works here unless given.
    """

    OPERATIONS: frozenset[str] = frozenset(_OPERATIONS)

    def __init__(
        self,
        *,
        aws: AwsAccess,
        clock: Clock,
        emit: Emit,
        workspace: Path,
        isolation: Isolation | None = None,
    ) -> None:
        self._aws = aws
        self._isolation = isolation or Isolation(workspace)
        self._jobs = JobService(aws, clock, emit, workspace, self._isolation)
        self._services = Services(aws, clock, emit, self._jobs, Callbacks())
        self._store = Store()
        self._cache = StepCache()
        self._regions: dict[str, str] = {}

    @property
    def isolation(self) -> str:
        """One sentence on how jobs get their ``/opt/ml`` on this machine."""
        return self._isolation.explanation

    def handle(self, operation: str, request: Document, principal: Principal) -> Document:
        """Serve one operation.

        Args:
            operation: One of ``OPERATIONS``.
            request: The decoded body; members with null are as if they were missing.
            principal: Who calls; the account that it acts in is the account of the call.

        Returns:
            The response, with times in seconds since 1970.

        Raises:
            ServiceError: With SageMaker's code.
        """
        serve = _OPERATIONS.get(operation)
        if serve is None:
            raise ServiceError("UnknownOperationException", f"{operation} is not served here")
        given = {key: value for key, value in request.items() if value is not None}
        check_request(operation, given)
        region = self._region(principal.account_id)
        call = Call(operation, given, principal, region, self._store, self._services, self._cache)
        return serve(call)

    def wait_idle(self, timeout_seconds: float) -> None:
        """Return once no execution and no job runs, and their events are emitted.

        Raises:
            SandboxError: Something still runs after the time.
        """
        deadline = time.monotonic() + timeout_seconds
        while True:
            running = [
                one.arn
                for one in self._store.all_executions()
                if one.thread is not None and one.thread.is_alive()
            ]
            if not running and self._jobs.is_idle:
                return
            if time.monotonic() > deadline:
                what = ", ".join(running) or "a job"
                raise SandboxError(
                    f"Still running after {timeout_seconds:g} s: {what}. Wait longer or stop it"
                )
            time.sleep(_IDLE_POLL_SECONDS)

    def log_path(self, job_arn: str) -> Path:
        """Return the file with the output of a job's container.

        Raises:
            SandboxError: There is no such job.
        """
        try:
            return self._jobs.by_arn(job_arn).log_path
        except KeyError:
            raise SandboxError(f"There is no job {job_arn}: list the steps or jobs first") from None

    def _region(self, account_id: str) -> str:
        if account_id not in self._regions:
            client = self._aws.client("sagemaker", account_id=account_id)
            self._regions[account_id] = client.meta.region_name
        return self._regions[account_id]
