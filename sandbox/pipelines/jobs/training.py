"""Runs a training job.

Reads its channels from S3, runs the image's algorithm, the script or the given entrypoint, and
writes ``model.tar.gz`` (and ``output.tar.gz``) to S3. Layout:
https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo-running-container.html
"""

from __future__ import annotations

import gzip
import re
import tarfile
from typing import TYPE_CHECKING

from sandbox.images import Command, find_image
from sandbox.pipelines import s3_uri
from sandbox.pipelines.errors import JobFailure, validation

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sandbox.model import Document
    from sandbox.pipelines.jobs.transfer import Transfer
    from sandbox.pipelines.jobs.workbench import Workbench

_FOLDERS = ("/opt/ml/input/config", "/opt/ml/input/data", "/opt/ml/model", "/opt/ml/output/data")


def problems(request: Document) -> Iterator[str]:
    """Yield what the sandbox or SageMaker refuses in a request."""
    specification = request.get("AlgorithmSpecification") or {}
    if not specification.get("TrainingImage"):
        yield "AlgorithmSpecification: the sandbox needs TrainingImage"
    modes = [specification.get("TrainingInputMode")]
    for channel in request.get("InputDataConfig") or []:
        modes.append(channel.get("InputMode"))
        source = channel["DataSource"].get("S3DataSource")
        if source is None or source["S3DataType"] not in {"S3Prefix", "ManifestFile"}:
            yield (
                f"Channel '{channel['ChannelName']}': the sandbox reads S3DataSource with "
                "S3DataType S3Prefix or ManifestFile only"
            )
    if "Pipe" in modes:
        yield "The sandbox does not run input mode Pipe; use File or FastFile"


def check_inputs(request: Document, transfer: Transfer) -> None:
    """Refuse a request with a channel that has no objects, as CreateTrainingJob does.

    Raises:
        ServiceError: ``ValidationException``.
    """
    for channel in request.get("InputDataConfig") or []:
        source = channel["DataSource"]["S3DataSource"]
        try:
            transfer.objects(source["S3Uri"], source["S3DataType"])
        except JobFailure as failure:
            raise validation(str(failure).removeprefix("ClientError: ")) from failure


def run(bench: Workbench) -> None:
    """Run the job.

    Raises:
        JobFailure: With SageMaker's FailureReason.
        JobStopped: The job was stopped.
    """
    job, container = bench.job, bench.container
    command = _command(job.request)
    transfer = bench.transfer(job.role_arn)
    container.create(*_FOLDERS)
    bench.phase("Downloading")
    for channel in job.request.get("InputDataConfig") or []:
        source = channel["DataSource"]["S3DataSource"]
        inside = f"/opt/ml/input/data/{channel['ChannelName']}"
        container.create(inside)
        transfer.download(source["S3Uri"], source["S3DataType"], container.path(inside))
        bench.check_stop()
    _write_configuration(bench)
    bench.phase("Training")
    bench.run(command.arguments, _environment(bench, command))
    bench.phase("Uploading")
    job.facts["FinalMetricDataList"] = _metrics(bench)
    _upload(bench, transfer)


def _command(request: Document) -> Command:
    specification = request["AlgorithmSpecification"]
    image = find_image(specification["TrainingImage"])
    entrypoint = specification.get("ContainerEntrypoint")
    if entrypoint:
        return Command((*entrypoint, *(specification.get("ContainerArguments") or ())))
    return image.training(request.get("HyperParameters") or {})


def _write_configuration(bench: Workbench) -> None:
    request = bench.job.request
    config = "/opt/ml/input/config"
    channels = {
        channel["ChannelName"]: {
            "TrainingInputMode": request["AlgorithmSpecification"]["TrainingInputMode"],
            "S3DistributionType": channel["DataSource"]["S3DataSource"].get(
                "S3DataDistributionType", "FullyReplicated"
            ),
            "RecordWrapperType": channel.get("RecordWrapperType", "None"),
            **({"ContentType": channel["ContentType"]} if channel.get("ContentType") else {}),
        }
        for channel in request.get("InputDataConfig") or []
    }
    bench.container.write_json(
        f"{config}/hyperparameters.json", request.get("HyperParameters") or {}
    )
    bench.container.write_json(f"{config}/inputdataconfig.json", channels)
    instance_type = (request.get("ResourceConfig") or {}).get("InstanceType", "")
    bench.container.write_json(
        f"{config}/resourceconfig.json", bench.resource_config(instance_type)
    )


def _environment(bench: Workbench, command: Command) -> dict[str, str]:
    job = bench.job
    return {
        **bench.credentials(job.role_arn),
        "TRAINING_JOB_NAME": job.name,
        "TRAINING_JOB_ARN": job.arn,
        **command.environment,
        **(job.request.get("Environment") or {}),
    }


def _upload(bench: Workbench, transfer: Transfer) -> None:
    job = bench.job
    config = job.request["OutputDataConfig"]
    target = s3_uri.join(config["S3OutputPath"], job.name, "output")
    kms_key_id = config.get("KmsKeyId")
    if config.get("CompressionType") == "NONE":
        transfer.upload(bench.container.path("/opt/ml/model"), f"{target}/model", kms_key_id)
        job.facts["ModelArtifacts"] = {"S3ModelArtifacts": f"{target}/model/"}
        return
    for inside, name in (("/opt/ml/model", "model"), ("/opt/ml/output/data", "output")):
        folder = bench.container.path(inside)
        if name == "model" or any(folder.iterdir()):
            archive = pack(folder, bench.container.folder / f"{name}.tar.gz")
            transfer.upload(archive, f"{target}/{name}.tar.gz", kms_key_id)
            archive.unlink()
    job.facts["ModelArtifacts"] = {"S3ModelArtifacts": f"{target}/model.tar.gz"}


def pack(folder: Path, archive: Path) -> Path:
    """Write a folder's content as a ``tar.gz``; equal content gives equal bytes."""
    with (
        archive.open("wb") as raw,
        gzip.GzipFile(fileobj=raw, mode="wb", mtime=0, filename="") as packed,
        tarfile.open(fileobj=packed, mode="w") as tar,
    ):
        for path in sorted(folder.rglob("*")):
            tar.add(path, str(path.relative_to(folder)), recursive=False, filter=_anonymous)
    return archive


def _anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.mtime, member.uid, member.gid, member.uname, member.gname = 0, 0, 0, "", ""
    return member


def _metrics(bench: Workbench) -> list[Document]:
    definitions = bench.job.request["AlgorithmSpecification"].get("MetricDefinitions") or []
    if not definitions:
        return []
    # CloudWatch writes a tab as #011, and the published regular expressions expect that.
    log = bench.job.log_path.read_text(encoding="utf-8", errors="replace").replace("\t", "#011")
    now = bench.clock.now().timestamp()
    found = []
    for row in definitions:
        values = re.findall(row["Regex"], log)
        if values:
            value = values[-1] if isinstance(values[-1], str) else values[-1][0]
            found.append({"MetricName": row["Name"], "Value": float(value), "Timestamp": now})
    return found
