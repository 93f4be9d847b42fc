"""Finds out what a transform job serves: image, artifact, environment and role of its model.

Reads the model, and the model package that it names, through the SageMaker API.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.pipelines.errors import JobFailure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.model import Document
    from sandbox.pipelines.jobs.workbench import Workbench


@dataclass(frozen=True)
class TransformModel:
    """The single container of a model.

    Attributes:
        role_arn: The model's execution role, which reads and writes S3.
        data_url: S3 URI of ``model.tar.gz``.
    """

    role_arn: str
    image: str
    data_url: str
    environment: Mapping[str, str]


def resolve_model(bench: Workbench, name: str) -> TransformModel:
    """Return what a model of the job's account serves.

    Raises:
        JobFailure: It is missing, has several containers or no artifact.
    """
    from botocore.exceptions import ClientError

    job = bench.job
    # SageMaker reads its own store here: no role of the customer is involved.
    client = bench.aws.client("sagemaker", account_id=job.account_id, region=job.region)
    try:
        model = client.describe_model(ModelName=name)
    except ClientError as error:
        detail = error.response["Error"]["Message"]
        raise JobFailure(f"ClientError: Model '{name}' cannot be described: {detail}") from error
    role_arn = model["ExecutionRoleArn"]
    container = _container(model.get("Containers") or [model.get("PrimaryContainer")], name)
    environment = dict(container.get("Environment") or {})
    if container.get("ModelPackageName"):
        packaged = _packaged(bench, role_arn, container["ModelPackageName"])
        environment = {**(packaged.get("Environment") or {}), **environment}
        container = packaged
    image, data_url = container.get("Image"), _data_url(container)
    if not image or not data_url:
        raise JobFailure(f"ClientError: Model '{name}' has no Image or no ModelDataUrl")
    return TransformModel(role_arn, image, data_url, environment)


def _packaged(bench: Workbench, role_arn: str, package: str) -> Document:
    from botocore.exceptions import ClientError

    try:
        client = bench.client("sagemaker", role_arn)
        specification = client.describe_model_package(ModelPackageName=package)
    except ClientError as error:
        detail = error.response["Error"]["Message"]
        raise JobFailure(
            f"ClientError: Model package {package} cannot be read: {detail}"
        ) from error
    return _container(specification["InferenceSpecification"]["Containers"], package)


def _container(containers: list[Document | None], name: str) -> Document:
    given = [container for container in containers if container]
    if len(given) != 1:
        raise JobFailure(
            f"ClientError: '{name}' has {len(given)} containers; the sandbox serves exactly one"
        )
    return given[0]


def _data_url(container: Document) -> str:
    source = (container.get("ModelDataSource") or {}).get("S3DataSource") or {}
    return str(container.get("ModelDataUrl") or source.get("S3Uri") or "")
