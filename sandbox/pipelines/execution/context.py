"""What a step sees of its execution and of the services around it.

Reads JSON files in S3 with the pipeline role's credentials; calls ``AwsAccess`` for clients.
"""

from __future__ import annotations

import json
import secrets
import string
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.pipelines import s3_uri
from sandbox.pipelines.errors import ExpressionError
from sandbox.pipelines.execution.expressions import resolve, select

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from sandbox.model import AwsAccess, Clock, Document, Emit
    from sandbox.pipelines.callbacks import Callbacks
    from sandbox.pipelines.definition.model import Step
    from sandbox.pipelines.jobs.service import JobService
    from sandbox.pipelines.records import Execution, StepRecord

SERVICE_PRINCIPAL = "sagemaker.amazonaws.com"


@dataclass(frozen=True)
class Services:
    """What the engine was given and what it shares between executions."""

    aws: AwsAccess
    clock: Clock
    emit: Emit
    jobs: JobService
    callbacks: Callbacks


@dataclass
class StepContext:
    """One attempt at one step.

    Attributes:
        job_name: Name that the step's job, model or transform gets.
    """

    step: Step
    execution: Execution
    record: StepRecord
    services: Services
    job_name: str = ""
    _clients: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.job_name:
            self.job_name = job_name(self.execution.id, self.step.name)

    def resolved(self, value: object) -> Any:
        """Return a value with its expressions replaced.

        Raises:
            ExpressionError: A reference has no value.
        """
        return resolve(value, self)

    def client(self, service: str, region: str | None = None) -> Any:
        """Return a boto3 client that acts as the pipeline's role.

        Raises:
            ServiceError: The role is missing or does not trust SageMaker.
        """
        if service not in self._clients:
            self._clients[service] = self.services.aws.client(
                service,
                role_arn=self.execution.role_arn,
                region=region or self.execution.region,
                service_principal=SERVICE_PRINCIPAL,
            )
        return self._clients[service]

    @property
    def stop(self) -> threading.Event:
        """Set when the execution is being stopped."""
        return self.execution.stop

    @contextmanager
    def on_stop(self, action: Callable[[], None]) -> Iterator[None]:
        """Call ``action`` when the execution is stopped inside the block, at once if it is."""
        execution = self.execution
        with execution.lock:
            execution.stop_actions[self.step.name] = action
            stopping = execution.stop.is_set()
        if stopping:
            action()
        try:
            yield
        finally:
            with execution.lock:
                execution.stop_actions.pop(self.step.name, None)

    def describe(self, metadata: Document) -> None:
        """Set the step's metadata."""
        with self.execution.lock:
            self.record.metadata = metadata

    # What follows is the Scope of expressions.

    def parameter(self, name: str) -> object:
        """Return a parameter's value."""
        return self.execution.parameters[name]

    def variable(self, name: str) -> object:
        """Return an execution variable's value."""
        execution = self.execution
        return {
            "StartDateTime": _iso(execution.created_at),
            "CurrentDateTime": _iso(self.services.clock.now()),
            "PipelineName": execution.pipeline_name,
            "PipelineArn": execution.pipeline_arn,
            "PipelineExecutionId": execution.id,
            "PipelineExecutionArn": execution.arn,
            "TrainingJobName": self.job_name,
            "ProcessingJobName": self.job_name,
        }[name]

    def properties(self, step: str) -> Mapping[str, Any]:
        """Return the properties of a succeeded step."""
        with self.execution.lock:
            record = self.execution.steps.get(step)
            if record is None or record.status != "Succeeded":
                state = record.status if record else "not executed"
                raise ExpressionError(f"Step '{step}' has no properties: it is {state}")
            return record.properties

    def property_file(self, step: str, name: str) -> object:
        """Return the JSON document of a step's property file."""
        output, path = self.execution.definition.steps[step].property_files[name]
        uri = select(
            self.properties(step),
            ["ProcessingOutputConfig", "Outputs", output, "S3Output", "S3Uri"],
            f"Property file '{name}' of step '{step}'",
        )
        try:
            return self.json_object(s3_uri.join(str(uri), path))
        except ExpressionError as error:
            raise ExpressionError(f"Property file '{name}' of step '{step}': {error}") from error

    def json_object(self, uri: str) -> object:
        """Return the JSON document at an S3 URI."""
        from botocore.exceptions import ClientError

        bucket, key = s3_uri.split(uri)
        try:
            body = self.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
        except ClientError as error:
            code = error.response["Error"]["Code"]
            raise ExpressionError(f"cannot read {uri} ({code})") from error
        try:
            return json.loads(body)
        except ValueError as error:
            raise ExpressionError(f"{uri} is not JSON: {error}") from error


def job_name(execution_id: str, step_name: str) -> str:
    """Return a fresh name in SageMaker's form, at most 63 characters."""
    alphabet = string.ascii_letters + string.digits
    suffix = "".join(secrets.choice(alphabet) for _ in range(10))
    head = f"pipelines-{execution_id}-{step_name}".replace("_", "-")
    return f"{head[:52].rstrip('-')}-{suffix}"


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
