"""What the three kinds of job share while they run.

Calls S3 and the credentials of the job's role through ``AwsAccess``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.model import AwsAccess, Clock, Document, ServiceError
from sandbox.pipelines.errors import JobFailure, JobStopped
from sandbox.pipelines.jobs.container import Container
from sandbox.pipelines.jobs.transfer import Transfer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sandbox.pipelines.jobs.isolation import Isolation
    from sandbox.pipelines.jobs.job import Job

SERVICE_PRINCIPAL = "sagemaker.amazonaws.com"
DEFAULT_RUNTIME_SECONDS = 86_400  # SageMaker's default of MaxRuntimeInSeconds
_HOST = "algo-1"


@dataclass
class Workbench:
    """One job with what it needs to run."""

    job: Job
    aws: AwsAccess
    clock: Clock
    container: Container

    @classmethod
    def of(cls, job: Job, aws: AwsAccess, clock: Clock, isolation: Isolation) -> Workbench:
        """Set up a job's folder."""
        job.folder.mkdir(parents=True, exist_ok=True)
        container = Container(job.folder, isolation)
        with job.lock:
            job.kill = lambda: container.kill("stop")
        if job.stop.is_set():
            container.kill("stop")
        if not isolation.explanation.startswith("each job"):
            job.log_path.write_text(f"sandbox: {isolation.explanation}\n", encoding="utf-8")
        return cls(job, aws, clock, container)

    def client(self, service: str, role_arn: str) -> Any:
        """Return a boto3 client of a role as SageMaker assumes it.

        Raises:
            JobFailure: The role is missing or does not trust SageMaker.
        """
        try:
            return self.aws.client(
                service,
                role_arn=role_arn,
                region=self.job.region,
                service_principal=SERVICE_PRINCIPAL,
            )
        except ServiceError as error:
            raise JobFailure(f"ClientError: {cannot_assume(role_arn, error)}") from error

    def transfer(self, role_arn: str) -> Transfer:
        """Return S3 as a role sees it."""
        return Transfer(self.client("s3", role_arn), role_arn, self.job.region)

    def credentials(self, role_arn: str) -> dict[str, str]:
        """Return the environment variables of a role's session.

        Raises:
            JobFailure: The role is missing or does not trust SageMaker.
        """
        try:
            return self.aws.environment(
                role_arn=role_arn, service_principal=SERVICE_PRINCIPAL, region=self.job.region
            )
        except ServiceError as error:
            raise JobFailure(f"ClientError: {cannot_assume(role_arn, error)}") from error

    def phase(self, name: str) -> None:
        """Note a training job's secondary status, and that the job has started."""
        with self.job.lock:
            now = self.clock.now()
            self.job.secondary.append((name, now))
            self.job.started_at = self.job.started_at or now
            self.job.modified_at = now

    def check_stop(self) -> None:
        """Raise ``JobStopped`` if the job is being stopped."""
        if self.job.stop.is_set():
            raise JobStopped

    def resource_config(self, instance_type: str) -> Document:
        """Return the content of ``resourceconfig.json``: one host, as the sandbox runs."""
        group = {"instance_group_name": "homogeneousCluster", "instance_type": instance_type}
        return {
            "current_host": _HOST,
            "current_instance_type": instance_type,
            "current_group_name": "homogeneousCluster",
            "hosts": [_HOST],
            "instance_groups": [{**group, "hosts": [_HOST]}],
            "network_interface_name": "eth0",
        }

    def run(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Run the container to a good end.

        Raises:
            JobFailure: It ended with another exit code than 0 or took too long.
            JobStopped: The job was stopped.
        """
        condition = self.job.request.get("StoppingCondition") or {}
        limit = condition.get("MaxRuntimeInSeconds", DEFAULT_RUNTIME_SECONDS)
        self.check_stop()
        code = self.container.run(command, environment, float(limit))
        self.job.exit_message = self._read("/opt/ml/output/message")
        self.check_stop()
        if self.container.ended_by == "timeout":
            raise JobFailure(
                f"MaxRuntimeExceeded: The job ran longer than MaxRuntimeInSeconds ({limit})"
            )
        if code != 0:
            detail = self._read("/opt/ml/output/failure")
            raise JobFailure(f"AlgorithmError: {detail}, exit code: {exit_code(code)}")

    def _read(self, inside: str) -> str:
        path: Path = self.container.path(inside)
        return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""


def exit_code(code: int) -> int:
    """Return a process's code as a container's: 128 and the number for a signal."""
    return code if code >= 0 else 128 - code


def cannot_assume(role_arn: str, error: ServiceError) -> str:
    """Return SageMaker's message for a role that it may not assume."""
    return (
        f"Could not assume role {role_arn}. Please ensure that the role exists and allows "
        f"principal '{SERVICE_PRINCIPAL}' to assume the role ({error.message})"
    )
