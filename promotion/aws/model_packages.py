"""Model package groups and their versions, in the account that holds them or from another.

Calls SageMaker DescribeModelPackageGroup, GetModelPackageGroupPolicy, ListModelPackages,
DescribeModelPackage; mutates with UpdateModelPackage.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from promotion.aws.errors import Call, RemoteMissing, remote_call
from promotion.aws.fanout import fan_out

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from mypy_boto3_sagemaker import SageMakerClient

ApprovalStatus = Literal["Approved", "Rejected", "PendingManualApproval"]


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
    """

    arn: str
    version: int
    approval_status: str
    created_at: datetime
    approval_description: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)


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
        )

    def set_approval(self, arn: str, status: ApprovalStatus, description: str) -> None:
        """Approve or reject a version. Mutates the account."""
        with self._call("UpdateModelPackage", arn):
            self._client.update_model_package(
                ModelPackageArn=arn, ModelApprovalStatus=status, ApprovalDescription=description
            )

    def _call(self, operation: str, resource: str) -> "AbstractContextManager[None]":
        return remote_call(Call(self._account_id, f"sagemaker.{operation}", resource))
