"""Lambda: finds the model version that serves, in the registry account.

The one place that decides it: the newest approved version that is not retired serves. A run of
inference fails by name when there is none or when it is not whole. A run of training asks with
`otherwise_model_data_uri` which version its candidate is to be compared with: there is none then.

Calls sagemaker ListModelPackages and DescribeModelPackage on the group it is given, and s3
HeadObject on the version's files. Standard library and boto3 only.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypedDict

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from promotion.handlers.objects import etag_of, exists

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sagemaker import SageMakerClient

RULE = "the newest approved version that is not retired serves"
RETIRED = "Retired"
"""Stage of a version's life in which it serves no more, whatever its approval."""

NONE = "none"
_DENIED = {"AccessDenied", "AccessDeniedException"}
# Many pipelines may start at the same minute, and ask at once.
_RETRIES = Config(retries={"mode": "standard", "total_max_attempts": 8})


class NotServable(Exception):
    """No version can serve; the subclass says why."""


class NoApprovedModel(NotServable):
    """No version of the group is approved."""


class AllVersionsRetired(NotServable):
    """Versions of the group were approved, and all of them are retired."""


class ModelArtifactMissing(NotServable):
    """The approved version's model data is not there."""


class ModelArtifactChanged(NotServable):
    """The approved version's model data is not what it was when the version was registered."""


class BaselineMissing(NotServable):
    """The approved version has no data-quality baseline, or its files are not there."""


class RegistryNotPermitted(Exception):
    """The registry does not let this function read the group."""


class Resolved(TypedDict):
    """The version that serves."""

    model_package_arn: str
    model_version: str
    model_data_uri: str
    statistics_uri: str
    constraints_uri: str


class Champion(TypedDict):
    """The version that a candidate is compared with; its ARN is "none" when there is none.

    Not `model_package_arn`, by which the ledger knows what an execution served.
    """

    champion_model_package_arn: str
    model_data_uri: str
    reason: str


def handler(event: dict[str, Any], context: object) -> Resolved | Champion:
    """Return the version of `event["model_package_group_arn"]` that serves.

    With `otherwise_model_data_uri` in the event there need not be one.
    """
    sagemaker = boto3.client("sagemaker", config=_RETRIES)
    s3 = boto3.client("s3", config=_RETRIES)
    otherwise = event.get("otherwise_model_data_uri")
    if otherwise:
        return champion(event["model_package_group_arn"], str(otherwise), sagemaker, s3)
    return resolve(event["model_package_group_arn"], sagemaker, s3)


def champion(
    group_arn: str, otherwise: str, sagemaker: "SageMakerClient", s3: "S3Client"
) -> Champion:
    """Return the version that serves, or why none can be compared with.

    Args:
        group_arn: the model package group.
        otherwise: URI to return where there is none, since a job's input has to exist.
        sagemaker: SageMaker client.
        s3: S3 client.

    Raises:
        RegistryNotPermitted: the group may not be read.
    """
    try:
        found = resolve(group_arn, sagemaker, s3)
    except NotServable as error:
        # By its name only: a job takes arguments of 256 characters.
        return Champion(
            champion_model_package_arn=NONE,
            model_data_uri=otherwise,
            reason=type(error).__name__,
        )
    return Champion(
        champion_model_package_arn=found["model_package_arn"],
        model_data_uri=found["model_data_uri"],
        reason=NONE,
    )


def resolve(group_arn: str, sagemaker: "SageMakerClient", s3: "S3Client") -> Resolved:
    """Return the version of a group that serves, after looking that its files exist.

    Raises:
        NoApprovedModel: no version is approved.
        AllVersionsRetired: those that were approved are retired.
        RegistryNotPermitted: the group may not be read.
        ModelArtifactMissing: the version's model data does not exist.
        ModelArtifactChanged: the model data is not what was registered.
        BaselineMissing: the version's statistics or constraints do not exist.
    """
    with _named_denial(group_arn):
        package = serving(group_arn, sagemaker)
    arn = package["ModelPackageArn"]
    containers = package.get("InferenceSpecification", {}).get("Containers", [])
    model = containers[0].get("ModelDataUrl") if containers else None
    registered = containers[0].get("ModelDataETag", "").strip('"') if containers else ""
    found = etag_of(model, s3)
    if found is None:
        raise ModelArtifactMissing(
            f"the model data of {arn} does not exist or cannot be read: "
            f"{model or 'none is recorded'}; restore it, or approve another version"
        )
    # SageMaker notes the ETag when a version is registered; older versions may have none.
    if registered and found != registered:
        raise ModelArtifactChanged(
            f"the model data of {arn} was overwritten after it was registered: {model} has ETag "
            f"{found}, not {registered}; restore it, or approve another version"
        )
    baseline = package.get("ModelMetrics", {}).get("ModelDataQuality", {})
    statistics = baseline.get("Statistics", {}).get("S3Uri")
    constraints = baseline.get("Constraints", {}).get("S3Uri")
    for part, uri in (("statistics", statistics), ("constraints", constraints)):
        if not exists(uri, s3):
            raise BaselineMissing(
                f"the baseline {part} of {arn} do not exist or cannot be read: "
                f"{uri or 'none are recorded'}; restore them, or approve another version"
            )
    return Resolved(
        model_package_arn=arn,
        model_version=str(package["ModelPackageVersion"]),
        model_data_uri=str(model),
        statistics_uri=str(statistics),
        constraints_uri=str(constraints),
    )


def serving(group_arn: str, sagemaker: "SageMakerClient") -> dict[str, Any]:
    """Return the newest approved version of a group that is not retired, as SageMaker has it.

    Raises:
        NoApprovedModel: no version is approved.
        AllVersionsRetired: those that were approved are retired.
    """
    for summary in _summaries(group_arn, sagemaker, ModelApprovalStatus="Approved"):
        arn = str(summary["ModelPackageArn"])
        package = dict(sagemaker.describe_model_package(ModelPackageName=arn))
        if not is_retired(package):
            return package
    if any(is_retired(summary) for summary in _summaries(group_arn, sagemaker)):
        raise AllVersionsRetired(
            f"every version of {group_arn} that was approved is retired: approve one with "
            "`promote models approve`, then start the pipeline again"
        )
    raise NoApprovedModel(
        f"no version of {group_arn} is approved: approve one with "
        "`promote models approve`, then start the pipeline again"
    )


def may_serve(status: str, stage: str) -> bool:
    """Return whether a version with this approval status, in this stage of its life, may serve."""
    return status == "Approved" and stage != RETIRED


def is_retired(package: Mapping[str, Any]) -> bool:
    """Return whether a version, or its summary, is in the stage in which it serves no more."""
    return (package.get("ModelLifeCycle") or {}).get("Stage") == RETIRED


def _summaries(
    group_arn: str, sagemaker: "SageMakerClient", **chosen: Any
) -> Iterator[Mapping[str, Any]]:
    """Yield the versions of a group, the newest first; pages are read as they are needed."""
    request: dict[str, Any] = {
        "ModelPackageGroupName": group_arn,
        "SortBy": "CreationTime",
        "SortOrder": "Descending",
        **chosen,
    }
    while True:
        page = sagemaker.list_model_packages(**request)
        yield from page["ModelPackageSummaryList"]
        # A page may be empty and still have another after it.
        if not page.get("NextToken"):
            return
        request["NextToken"] = page["NextToken"]


@contextmanager
def _named_denial(group_arn: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] not in _DENIED:
            raise
        raise RegistryNotPermitted(
            f"the registry does not let this function read {group_arn}: "
            f"{error.response['Error'].get('Message', '')}; apply the registry's Terraform, whose "
            "group policy names the role of this function"
        ) from error
