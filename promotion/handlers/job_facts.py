"""What the jobs of an execution read, and the numbers that they wrote for other steps.

Calls sagemaker DescribeProcessingJob, DescribeTrainingJob and DescribeTransformJob, and s3
GetObject on property files. Standard library and boto3 only.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from promotion.handlers.execution_facts import Execution, PropertyFile
from promotion.handlers.objects import MISSING_CODES

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sagemaker import SageMakerClient

# A property file is made for conditions; of one that is longer, or has more values, the rest is
# left in S3.
LARGEST_FILE_BYTES = 1_048_576
MOST_VALUES = 60
LONGEST_TEXT = 200


@dataclass(frozen=True)
class Job:
    """A job of a step.

    Attributes:
        step: name of the step.
        inputs: S3 URIs that it read, objects or prefixes.
        outputs: S3 URI of each output, by its name.
    """

    step: str
    inputs: tuple[str, ...]
    outputs: Mapping[str, str]


def read_jobs(execution: Execution, sagemaker: "SageMakerClient") -> tuple[Job, ...]:
    """Return the jobs of an execution's steps.

    Raises:
        ClientError: SageMaker fails.
    """
    jobs = []
    for step in execution.steps:
        if step.kind not in {"ProcessingJob", "TrainingJob", "TransformJob"}:
            continue
        name = str(step.facts["Arn"]).rpartition("/")[2]
        if step.kind == "ProcessingJob":
            job = _processing(step.name, sagemaker.describe_processing_job(ProcessingJobName=name))
        elif step.kind == "TrainingJob":
            job = _training(step.name, sagemaker.describe_training_job(TrainingJobName=name))
        else:
            job = _transform(step.name, sagemaker.describe_transform_job(TransformJobName=name))
        jobs.append(job)
    return tuple(jobs)


def inputs_of(jobs: Sequence[Job]) -> tuple[str, ...]:
    """Return what the jobs read and none of them wrote, each once, sorted."""
    written = tuple(f"{uri.rstrip('/')}/" for job in jobs for uri in job.outputs.values())
    read = {uri for job in jobs for uri in job.inputs}
    return tuple(sorted(uri for uri in read if not f"{uri}/".startswith(written)))


def metrics_of(
    jobs: Sequence[Job], files: Sequence[PropertyFile], s3: "S3Client"
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield name and values of each property file that was written; lists are left out.

    Raises:
        ClientError: S3 fails, other than by saying that the file is missing or not ours to read.
    """
    outputs = {job.step: job.outputs for job in jobs}
    for file in files:
        output = outputs.get(file.step, {}).get(file.output)
        document = _document(f"{output.rstrip('/')}/{file.path}", s3) if output else None
        if document is not None:
            yield file.name, dict(list(_values(document, ""))[:MOST_VALUES])


def _processing(step: str, job: Mapping[str, Any]) -> Job:
    outputs = (job.get("ProcessingOutputConfig") or {}).get("Outputs", [])
    return Job(
        step,
        tuple(
            each["S3Input"]["S3Uri"]
            for each in job.get("ProcessingInputs", [])
            if "S3Input" in each
        ),
        {each["OutputName"]: each["S3Output"]["S3Uri"] for each in outputs if "S3Output" in each},
    )


def _training(step: str, job: Mapping[str, Any]) -> Job:
    channels = (channel["DataSource"] for channel in job.get("InputDataConfig", []))
    return Job(
        step,
        tuple(each["S3DataSource"]["S3Uri"] for each in channels if "S3DataSource" in each),
        {"model": job["OutputDataConfig"]["S3OutputPath"]},
    )


def _transform(step: str, job: Mapping[str, Any]) -> Job:
    source = job["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"]
    return Job(step, (source,), {"transform": job["TransformOutput"]["S3OutputPath"]})


def _document(uri: str, s3: "S3Client") -> object:
    parts = urlsplit(uri)
    try:
        found = s3.get_object(Bucket=parts.netloc, Key=parts.path.lstrip("/"))
    except ClientError as error:
        if error.response["Error"]["Code"] in MISSING_CODES:
            return None
        raise
    if found["ContentLength"] > LARGEST_FILE_BYTES:
        return None
    try:
        return json.loads(found["Body"].read())
    except ValueError:
        return None


def _values(value: object, path: str) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        for name in sorted(value):
            yield from _values(value[name], f"{path}.{name}" if path else name)
    elif isinstance(value, str):
        yield path, value[:LONGEST_TEXT]
    # NaN is the one number that differs from itself; JSON has neither it nor infinities.
    elif isinstance(value, (bool, int, float)) and abs(value) < float("inf"):
        yield path, value
