"""Lambda: finds the model version that serves, in the registry account.

Calls sagemaker ListModelPackages and DescribeModelPackage on the group it is given, and s3
HeadObject on the version's files. Standard library and boto3 only.
"""

from typing import TYPE_CHECKING, Any, TypedDict

import boto3

from promotion.handlers.objects import etag_of, exists

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sagemaker import SageMakerClient


class NoApprovedModel(Exception):
    """No version of the group is approved."""


class ModelArtifactMissing(Exception):
    """The approved version's model data is not there."""


class ModelArtifactChanged(Exception):
    """The approved version's model data is not what it was when the version was registered."""


class BaselineMissing(Exception):
    """The approved version has no data-quality baseline, or its files are not there."""


class Resolved(TypedDict):
    """The version that serves."""

    model_package_arn: str
    model_version: str
    model_data_uri: str
    statistics_uri: str
    constraints_uri: str


def handler(event: dict[str, Any], context: object) -> Resolved:
    """Return the newest approved version of `event["model_package_group_arn"]`."""
    return resolve(event["model_package_group_arn"], boto3.client("sagemaker"), boto3.client("s3"))


def resolve(group_arn: str, sagemaker: "SageMakerClient", s3: "S3Client") -> Resolved:
    """Return the newest approved version of a group, after looking that its files exist.

    Raises:
        NoApprovedModel: no version is approved.
        ModelArtifactMissing: the version's model data does not exist.
        ModelArtifactChanged: the model data is not what was registered.
        BaselineMissing: the version's statistics or constraints do not exist.
    """
    arn = newest_approved(group_arn, sagemaker)
    package = sagemaker.describe_model_package(ModelPackageName=arn)
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


def newest_approved(group_arn: str, sagemaker: "SageMakerClient") -> str:
    """Return the ARN of the newest approved version of a group.

    Raises:
        NoApprovedModel: no version is approved.
    """
    request: dict[str, Any] = {
        "ModelPackageGroupName": group_arn,
        "ModelApprovalStatus": "Approved",
        "SortBy": "CreationTime",
        "SortOrder": "Descending",
    }
    while True:
        page = sagemaker.list_model_packages(**request)
        if page["ModelPackageSummaryList"]:
            return str(page["ModelPackageSummaryList"][0]["ModelPackageArn"])
        # A page may be empty and still have another after it.
        if not page.get("NextToken"):
            raise NoApprovedModel(
                f"no version of {group_arn} is approved: approve one with "
                "`promote models approve`, then start the pipeline again"
            )
        request["NextToken"] = page["NextToken"]
