"""The API of processing, training and transform jobs.

Starts each job in a thread of its own, keeps all jobs in memory and emits their state changes.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from sandbox.model import ServiceError
from sandbox.pipelines import events
from sandbox.pipelines.errors import JobFailure, JobStopped, in_use, validation
from sandbox.pipelines.jobs import processing, training, transform
from sandbox.pipelines.jobs.job import Job
from sandbox.pipelines.jobs.transfer import Transfer
from sandbox.pipelines.jobs.workbench import SERVICE_PRINCIPAL, Workbench, cannot_assume
from sandbox.pipelines.pages import ordered, page, within

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sandbox.model import AwsAccess, Clock, Document, Emit, Principal
    from sandbox.pipelines.jobs.isolation import Isolation

KINDS = ("Processing", "Training", "Transform")
_RUN: dict[str, Callable[[Workbench], None]] = {
    "Processing": processing.run,
    "Training": training.run,
    "Transform": transform.run,
}
_PROBLEMS: dict[str, Callable[[Document], Iterator[str]]] = {
    "Processing": processing.problems,
    "Training": training.problems,
    "Transform": transform.problems,
}
_log = logging.getLogger(__name__)


class JobService:
    """Jobs of all accounts."""

    def __init__(
        self, aws: AwsAccess, clock: Clock, emit: Emit, workspace: Path, isolation: Isolation
    ) -> None:
        self._aws = aws
        self._clock = clock
        self._emit = emit
        self._workspace = workspace
        self._isolation = isolation
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()

    def create(self, kind: str, request: Document, principal: Principal, region: str) -> Document:
        """Serve Create…Job: check the request and start the job."""
        for problem in _PROBLEMS[kind](request):
            raise validation(problem)
        if kind == "Training":
            self._check_inputs(request, region)
        name = request[f"{kind}JobName"]
        arn = f"arn:aws:sagemaker:{region}:{principal.account_id}:{kind.lower()}-job/{name}"
        now = self._clock.now()
        job = Job(
            kind=kind,
            name=name,
            arn=arn,
            account_id=principal.account_id,
            region=region,
            request={key: value for key, value in request.items() if key != "Tags"},
            folder=self._workspace / principal.account_id / name,
            created_at=now,
            modified_at=now,
        )
        with self._lock:
            if arn in self._jobs:
                raise in_use(
                    "Job name must be unique within an AWS account and region, and a job with "
                    f"this name already exists ({arn})"
                )
            self._jobs[arn] = job
        threading.Thread(target=self._run, args=(job,), name=name, daemon=True).start()
        return {f"{kind}JobArn": arn}

    def describe(self, kind: str, name: str, principal: Principal, region: str) -> Document:
        """Serve Describe…Job."""
        return self._get(kind, name, principal, region).description()

    def stop(self, kind: str, name: str, principal: Principal, region: str) -> Document:
        """Serve Stop…Job."""
        job = self._get(kind, name, principal, region)
        with job.lock:
            if job.status not in {"InProgress", "Stopping"}:
                raise validation(
                    f"The request was rejected because the {kind.lower()} job is in status "
                    f"{job.status}"
                )
            job.status = "Stopping"
            job.stop.set()
            kill = job.kill
        if kill is not None:
            kill()
        self._announce(job)
        return {}

    def list_jobs(
        self, kind: str, request: Document, principal: Principal, region: str
    ) -> Document:
        """Serve List…Jobs."""
        with self._lock:
            mine = [
                job
                for job in self._jobs.values()
                if (job.kind, job.account_id, job.region) == (kind, principal.account_id, region)
            ]
        keys: dict[str, Callable[[Job], str]] = {
            "Name": lambda job: job.name,
            "CreationTime": lambda job: job.created_at.isoformat(),
            "Status": lambda job: job.status,
        }
        chosen = ordered(
            [job for job in mine if _selected(job, request)], request, keys, "CreationTime"
        )
        rows, token = page(chosen, request, 10)
        return {f"{kind}JobSummaries": [job.summary() for job in rows], **token}

    def by_arn(self, arn: str) -> Job:
        """Return a job of the engine's own."""
        with self._lock:
            return self._jobs[arn]

    @property
    def is_idle(self) -> bool:
        """Tell whether no job runs."""
        with self._lock:
            return all(job.done.is_set() for job in self._jobs.values())

    def _get(self, kind: str, name: str, principal: Principal, region: str) -> Job:
        arn = f"arn:aws:sagemaker:{region}:{principal.account_id}:{kind.lower()}-job/{name}"
        with self._lock:
            job = self._jobs.get(arn)
        if job is None:
            # SageMaker answers ValidationException here, not ResourceNotFound.
            raise validation(
                "Requested resource not found."
                if kind == "Training"
                else f"Could not find requested job with name: {name}"
            )
        return job

    def _check_inputs(self, request: Document, region: str) -> None:
        role_arn = request["RoleArn"]
        try:
            client = self._aws.client(
                "s3", role_arn=role_arn, region=region, service_principal=SERVICE_PRINCIPAL
            )
        except ServiceError as error:
            raise validation(cannot_assume(role_arn, error)) from error
        training.check_inputs(request, Transfer(client, role_arn, region))

    def _run(self, job: Job) -> None:
        self._announce(job)
        status, reason = "Completed", ""
        bench = None
        try:
            bench = Workbench.of(job, self._aws, self._clock, self._isolation)
            _RUN[job.kind](bench)
        except JobStopped:
            status = "Stopped"
        except JobFailure as failure:
            status, reason = "Failed", str(failure)
        except Exception as error:  # the sandbox's own fault must not hang the job
            _log.exception("job %s", job.arn)
            status = "Failed"
            reason = f"InternalServerError: {type(error).__name__}: {error}"
        job.end(status, reason, self._clock.now())
        if bench is not None and status == "Completed":
            bench.container.discard()
        self._announce(job)
        job.done.set()

    def _announce(self, job: Job) -> None:
        events.job_changed(self._emit, job, self._clock.now())


def _selected(job: Job, request: Document) -> bool:
    return (
        within(job.created_at, request, "CreationTime")
        and within(job.modified_at, request, "LastModifiedTime")
        and request.get("NameContains", "") in job.name
        and request.get("StatusEquals", job.status) == job.status
    )
