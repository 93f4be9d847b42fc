"""Model package groups and their versions, in the account that holds them or from another.

Calls SageMaker DescribeModelPackageGroup, GetModelPackageGroupPolicy, ListModelPackages,
DescribeModelPackage; mutates with UpdateModelPackage.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from promotion.aws.errors import Call, RemoteMissing, remote_call
from promotion.aws.fanout import fan_out

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from mypy_boto3_sagemaker import SageMakerClient

ApprovalStatus = Literal["Approved", "Rejected", "PendingManualApproval"]


@dataclass(frozen=True)
class LifeCycle:
    """Where a version stands in its life (`ModelLifeCycle`); all empty before a decision.

    https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-staging-construct.html

    Attributes:
        stage: name of the stage.
        status: status in the stage.
        description: what else is to be said of it.
    """

    stage: str = ""
    status: str = ""
    description: str = ""


@dataclass(frozen=True)
class PackageFiles:
    """Where the files of a version are; S3 URIs, empty where none is recorded.

    Attributes:
        model_data_uri: archive of the model.
        model_data_etag: its ETag when it was registered, without quotes; older versions have none.
        statistics_uri: statistics of the data-quality baseline.
        constraints_uri: constraints of the data-quality baseline.
        evaluation_uri: metrics on the test rows.
    """

    model_data_uri: str = ""
    model_data_etag: str = ""
    statistics_uri: str = ""
    constraints_uri: str = ""
    evaluation_uri: str = ""


@dataclass(frozen=True)
class ModelPackage:
    """A version in a model package group.

    Attributes:
        arn: its ARN.
        version: its number in the group, from 1.
        approval_status: Approved, Rejected or PendingManualApproval.
        approval_description: the reason that was given; empty without one.
        created_at: when it was registered, aware.
        metadata: CustomerMetadataProperties.
        life_cycle: where it stands in its life.
        files: where its files are.
        created_by: ARN of who registered it; empty when AWS does not say.
        changed_by: ARN of who changed it last; empty when nobody has, or AWS does not say.
    """

    arn: str
    version: int
    approval_status: str
    created_at: datetime
    approval_description: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    life_cycle: LifeCycle = LifeCycle()
    files: PackageFiles = PackageFiles()
    created_by: str = ""
    changed_by: str = ""


class ModelPackages:
    """Reads versions and sets their approval.

    Args:
        client: SageMaker client of the account that calls.
        account_id: that account, for messages.
    """

    def __init__(self, client: "SageMakerClient", account_id: str) -> None:
        """Keep the client."""
        self._client = client
        self._account_id = account_id

    def group_exists(self, group: str) -> bool:
        """Return whether a group (name or ARN) exists.

        Raises:
            RemoteDenied: the group's policy does not let the caller's account see it.
        """
        try:
            with self._call("DescribeModelPackageGroup", group):
                self._client.describe_model_package_group(ModelPackageGroupName=group)
        except RemoteMissing:
            return False
        return True

    def group_policy(self, group: str) -> str:
        """Return the policy of a group (its name), as JSON.

        Raises:
            RemoteMissing: there is no such group, or it has no policy.
        """
        with self._call("GetModelPackageGroupPolicy", group):
            answer = self._client.get_model_package_group_policy(ModelPackageGroupName=group)
        return answer["ResourcePolicy"]

    def has_approved(self, group: str) -> bool:
        """Return whether a group (name or ARN) has an approved version; False without the group."""
        try:
            with self._call("ListModelPackages", group):
                pages = self._client.get_paginator("list_model_packages").paginate(
                    ModelPackageGroupName=group, ModelApprovalStatus="Approved"
                )
                return any(page.get("ModelPackageSummaryList") for page in pages)
        except RemoteMissing:
            return False

    def versions(self, group: str) -> tuple[ModelPackage, ...]:
        """Return all versions of a group, the newest first.

        The service may answer an empty first page with a NextToken, so all pages are read.
        """
        with self._call("ListModelPackages", group):
            pages = self._client.get_paginator("list_model_packages").paginate(
                ModelPackageGroupName=group
            )
            arns = [
                summary["ModelPackageArn"]
                for page in pages
                for summary in page.get("ModelPackageSummaryList", [])
            ]
        found = fan_out(self.describe, arns)
        return tuple(sorted(found, key=lambda package: package.version, reverse=True))

    def describe(self, arn: str) -> ModelPackage:
        """Return one version.

        Raises:
            RemoteMissing: there is no such version.
        """
        with self._call("DescribeModelPackage", arn):
            found = self._client.describe_model_package(ModelPackageName=arn)
        return ModelPackage(
            arn=found["ModelPackageArn"],
            version=found.get("ModelPackageVersion", 0),
            approval_status=found.get("ModelApprovalStatus", "PendingManualApproval"),
            created_at=found["CreationTime"],
            approval_description=found.get("ApprovalDescription") or "",
            metadata=dict(found.get("CustomerMetadataProperties") or {}),
            life_cycle=_life_cycle(found),
            files=_files(found),
            created_by=_user(found.get("CreatedBy")),
            changed_by=_user(found.get("LastModifiedBy")),
        )

    def set_approval(
        self, arn: str, status: ApprovalStatus, description: str, life_cycle: LifeCycle
    ) -> None:
        """Write a decision on a version. Mutates the account.

        Raises:
            RemoteMissing: there is no such version any more.
            RemoteDenied: the caller may not decide.
        """
        with self._call("UpdateModelPackage", arn):
            self._client.update_model_package(
                ModelPackageArn=arn,
                ModelApprovalStatus=status,
                ApprovalDescription=description,
                ModelLifeCycle={
                    "Stage": life_cycle.stage,
                    "StageStatus": life_cycle.status,
                    "StageDescription": life_cycle.description,
                },
            )

    def _call(self, operation: str, resource: str) -> "AbstractContextManager[None]":
        return remote_call(Call(self._account_id, f"sagemaker.{operation}", resource))


def _life_cycle(package: Mapping[str, Any]) -> LifeCycle:
    found: Mapping[str, str] = package.get("ModelLifeCycle") or {}
    return LifeCycle(
        found.get("Stage", ""), found.get("StageStatus", ""), found.get("StageDescription", "")
    )


def _files(package: Mapping[str, Any]) -> PackageFiles:
    containers = (package.get("InferenceSpecification") or {}).get("Containers") or [{}]
    metrics: Mapping[str, Mapping[str, Mapping[str, str]]] = package.get("ModelMetrics") or {}
    baseline = metrics.get("ModelDataQuality") or {}
    quality = metrics.get("ModelQuality") or {}
    return PackageFiles(
        model_data_uri=containers[0].get("ModelDataUrl") or "",
        model_data_etag=(containers[0].get("ModelDataETag") or "").strip('"'),
        statistics_uri=(baseline.get("Statistics") or {}).get("S3Uri", ""),
        constraints_uri=(baseline.get("Constraints") or {}).get("S3Uri", ""),
        evaluation_uri=(quality.get("Statistics") or {}).get("S3Uri", ""),
    )


def _user(who: Mapping[str, Any] | None) -> str:
    identity: Mapping[str, str] = (who or {}).get("IamIdentity") or {}
    return str(identity.get("Arn") or (who or {}).get("UserProfileArn") or "")
