"""Runs a processing job.

Reads its inputs from S3, runs its entrypoint, writes its outputs to S3. Layout:
https://docs.aws.amazon.com/sagemaker/latest/dg/build-your-own-processing-container.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.images import find_image
from sandbox.pipelines.errors import JobFailure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.model import Document
    from sandbox.pipelines.jobs.job import Job
    from sandbox.pipelines.jobs.transfer import Transfer
    from sandbox.pipelines.jobs.workbench import Workbench

ROOT = "/opt/ml/processing"


def problems(request: Document) -> Iterator[str]:
    """Yield what the sandbox or SageMaker refuses in a request."""
    for row in request.get("ProcessingInputs") or []:
        name = row["InputName"]
        source = row.get("S3Input")
        if source is None:
            yield f"Input '{name}': the sandbox reads inputs from S3 only, not DatasetDefinition"
            continue
        yield from _local_path_problems(f"Input '{name}'", source.get("LocalPath"))
        if source.get("S3InputMode") == "Pipe":
            yield f"Input '{name}': the sandbox does not run S3InputMode Pipe; use File"
    for row in (request.get("ProcessingOutputConfig") or {}).get("Outputs") or []:
        name, target = row["OutputName"], row.get("S3Output")
        if target is None:
            yield f"Output '{name}': the sandbox writes outputs to S3 only"
            continue
        yield from _local_path_problems(f"Output '{name}'", target.get("LocalPath"))


def run(bench: Workbench) -> None:
    """Run the job.

    Raises:
        JobFailure: With SageMaker's FailureReason.
        JobStopped: The job was stopped.
    """
    job, container = bench.job, bench.container
    application = job.request["AppSpecification"]
    find_image(application["ImageUri"])
    transfer = bench.transfer(job.role_arn)
    container.create("/opt/ml/config", "/opt/ml/output", f"{ROOT}/input", f"{ROOT}/output")
    bench.phase("Starting")
    _download(bench, transfer)
    _write_configuration(bench)
    bench.run(_command(application), _environment(bench))
    _upload(bench, transfer)


def _local_path_problems(what: str, path: str | None) -> Iterator[str]:
    if path is None or not (path == ROOT or path.startswith(f"{ROOT}/")):
        yield f"{what}: LocalPath '{path}' must begin with {ROOT}"


def _download(bench: Workbench, transfer: Transfer) -> None:
    for row in bench.job.request.get("ProcessingInputs") or []:
        source = row["S3Input"]
        bench.container.create(source["LocalPath"])
        folder = bench.container.path(source["LocalPath"])
        transfer.download(source["S3Uri"], source["S3DataType"], folder)
        bench.check_stop()
    for row in _outputs(bench.job):
        bench.container.create(row["S3Output"]["LocalPath"])


def _write_configuration(bench: Workbench) -> None:
    job = bench.job
    resources = job.request["ProcessingResources"]
    config = {
        "ProcessingJobArn": job.arn,
        "ProcessingJobName": job.name,
        "AppSpecification": job.request["AppSpecification"],
        "Environment": job.request.get("Environment") or {},
        "ProcessingInputs": job.request.get("ProcessingInputs") or [],
        "ProcessingOutputConfig": job.request.get("ProcessingOutputConfig") or {"Outputs": []},
        "ProcessingResources": resources,
        "RoleArn": job.role_arn,
        "StoppingCondition": job.request.get("StoppingCondition") or {},
    }
    bench.container.write_json("/opt/ml/config/processingjobconfig.json", config)
    instance_type = resources["ClusterConfig"].get("InstanceType", "")
    bench.container.write_json(
        "/opt/ml/config/resourceconfig.json", bench.resource_config(instance_type)
    )


def _command(application: Document) -> list[str]:
    entrypoint = application.get("ContainerEntrypoint")
    if not entrypoint:
        raise JobFailure(
            f"ClientError: The sandbox does not know the own entrypoint of image "
            f"{application['ImageUri']}: give ContainerEntrypoint in AppSpecification"
        )
    return [*entrypoint, *(application.get("ContainerArguments") or [])]


def _environment(bench: Workbench) -> dict[str, str]:
    job = bench.job
    return {
        **bench.credentials(job.role_arn),
        "PROCESSING_JOB_NAME": job.name,
        "PROCESSING_JOB_ARN": job.arn,
        **(job.request.get("Environment") or {}),
    }


def _upload(bench: Workbench, transfer: Transfer) -> None:
    # S3UploadMode Continuous uploads while the job runs; here both modes upload at its end.
    config = bench.job.request.get("ProcessingOutputConfig") or {}
    for row in _outputs(bench.job):
        target = row["S3Output"]
        transfer.upload(
            bench.container.path(target["LocalPath"]), target["S3Uri"], config.get("KmsKeyId")
        )


def _outputs(job: Job) -> list[Document]:
    return (job.request.get("ProcessingOutputConfig") or {}).get("Outputs") or []
