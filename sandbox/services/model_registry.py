"""SageMaker's model registry: model package groups, their policies, model packages.

Keeps its own store (moto keeps one an account and loses fields); publishes "SageMaker Model
Package State Change" events. A group or package named by another account's ARN is served
from that account.
https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry.html
"""

from __future__ import annotations

import copy
import threading
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sandbox.clock import iso
from sandbox.model import Document, ServiceError
from sandbox.services.listing import page
from sandbox.services.ownership import account_of

if TYPE_CHECKING:
    from sandbox.model import Clock, Emit
    from sandbox.services.call import Call
    from sandbox.services.tags import Tags

_STATUSES = ("Approved", "Rejected", "PendingManualApproval")
_SUMMARY = (
    "ModelPackageName",
    "ModelPackageGroupName",
    "ModelPackageVersion",
    "ModelPackageArn",
    "ModelPackageDescription",
    "CreationTime",
    "ModelPackageStatus",
    "ModelApprovalStatus",
    "ModelLifeCycle",
    "ModelPackageRegistrationType",
)
_UPDATABLE = (
    "ModelApprovalStatus",
    "ModelPackageRegistrationType",
    "ApprovalDescription",
    "InferenceSpecification",
    "SourceUri",
    "ModelCard",
    "ModelLifeCycle",
)


def _invalid(message: str) -> ServiceError:
    return ServiceError("ValidationException", message)


class ModelRegistry:
    """Serves the operations of the model registry.

    Args:
        clock: Virtual time of creation and changes.
        emit: Publishes events.
        tags: Tags of groups and packages.
    """

    def __init__(self, clock: Clock, emit: Emit, tags: Tags) -> None:
        self._clock = clock
        self._emit = emit
        self._tags = tags
        self._groups: dict[str, Document] = {}
        self._policies: dict[str, str] = {}
        self._packages: dict[str, Document] = {}
        self._versions: dict[str, int] = {}
        self._tokens: dict[tuple[str, str], str] = {}
        self._lock = threading.RLock()

    # Groups

    def create_group(self, call: Call) -> Document:
        """Serve CreateModelPackageGroup."""
        name = call.parameters["ModelPackageGroupName"]
        arn = _group_arn(call, name)
        with self._lock:
            if arn in self._groups:
                raise _invalid(f"Model Package Group already exists: {arn}")
            self._groups[arn] = {
                "ModelPackageGroupName": name,
                "ModelPackageGroupArn": arn,
                "ModelPackageGroupDescription": call.parameters.get("ModelPackageGroupDescription"),
                "CreationTime": self._clock.now(),
                "CreatedBy": _user(call),
                "ModelPackageGroupStatus": "Completed",
            }
            self._tags.add(arn, call.parameters.get("Tags") or [])
        return {"ModelPackageGroupArn": arn}

    def describe_group(self, call: Call) -> Document:
        """Serve DescribeModelPackageGroup."""
        with self._lock:
            return dict(self._group(call))

    def delete_group(self, call: Call) -> Document:
        """Serve DeleteModelPackageGroup; a group with versions stays."""
        with self._lock:
            group = self._group(call)
            arn = group["ModelPackageGroupArn"]
            if any(self._in_group(package, arn) for package in self._packages.values()):
                raise ServiceError(
                    "ConflictException", f"ModelPackageGroup {arn} still has model packages."
                )
            del self._groups[arn]
            self._policies.pop(arn, None)
            self._versions.pop(arn, None)
            self._tags.forget(arn)
        return {}

    def list_groups(self, call: Call) -> Document:
        """Serve ListModelPackageGroups."""
        prefix = _arn(call, "model-package-group/")
        with self._lock:
            mine = [group for arn, group in self._groups.items() if arn.startswith(prefix)]
        found, token = page(mine, call.parameters, name="ModelPackageGroupName")
        hidden = {"CreatedBy"}
        summaries = [{k: v for k, v in group.items() if k not in hidden} for group in found]
        return {"ModelPackageGroupSummaryList": summaries, "NextToken": token}

    def put_policy(self, call: Call) -> Document:
        """Serve PutModelPackageGroupPolicy."""
        with self._lock:
            arn = self._group(call)["ModelPackageGroupArn"]
            self._policies[arn] = call.parameters["ResourcePolicy"]
        return {"ModelPackageGroupArn": arn}

    def get_policy(self, call: Call) -> Document:
        """Serve GetModelPackageGroupPolicy."""
        with self._lock:
            arn = self._group(call)["ModelPackageGroupArn"]
            if arn not in self._policies:
                raise _invalid(f"Cannot find Model Package Group resource policy of {arn}")
            return {"ResourcePolicy": self._policies[arn]}

    def delete_policy(self, call: Call) -> Document:
        """Serve DeleteModelPackageGroupPolicy."""
        with self._lock:
            self._policies.pop(self._group(call)["ModelPackageGroupArn"], None)
        return {}

    def policy_of(self, group_arn: str) -> str | None:
        """Return a group's policy by the group's ARN, ``None`` when it has none."""
        with self._lock:
            return self._policies.get(group_arn)

    # Packages

    def create_package(self, call: Call) -> Document:
        """Serve CreateModelPackage: the next version of a group, or a package of its own name."""
        given = call.parameters
        status = given.get("ModelApprovalStatus")
        if status is not None and status not in _STATUSES:
            raise _invalid(f"{status} is not one of {', '.join(_STATUSES)}")
        token = given.get("ClientToken")
        with self._lock:
            repeated = self._tokens.get((call.principal.account_id, str(token)))
            if token and repeated:
                return {"ModelPackageArn": repeated}
            package = self._new_package(call)
            arn = str(package["ModelPackageArn"])
            self._packages[arn] = package
            self._tags.add(arn, given.get("Tags") or [])
            if token:
                self._tokens[call.principal.account_id, str(token)] = arn
        self._announce(package)
        return {"ModelPackageArn": arn}

    def describe_package(self, call: Call) -> Document:
        """Serve DescribeModelPackage."""
        with self._lock:
            return copy.deepcopy(self.package(call.parameters["ModelPackageName"], call))

    def batch_describe_packages(self, call: Call) -> Document:
        """Serve BatchDescribeModelPackage."""
        found: dict[str, Document] = {}
        errors: dict[str, Document] = {}
        for arn in call.parameters["ModelPackageArnList"]:
            try:
                package = self.package(arn, call)
            except ServiceError as error:
                errors[arn] = {"ErrorCode": error.code, "ErrorResponse": error.message}
            else:
                found[arn] = {**_summary(package), **_specification(package)}
        return {"ModelPackageSummaries": found, "BatchDescribeModelPackageErrorMap": errors}

    def update_package(self, call: Call) -> Document:
        """Serve UpdateModelPackage."""
        given = call.parameters
        status = given.get("ModelApprovalStatus")
        if status is not None and status not in _STATUSES:
            raise _invalid(f"{status} is not one of {', '.join(_STATUSES)}")
        with self._lock:
            package = self.package(given["ModelPackageArn"], call)
            before = copy.deepcopy(package)
            package.update({name: given[name] for name in _UPDATABLE if name in given})
            metadata = dict(package.get("CustomerMetadataProperties") or {})
            metadata.update(given.get("CustomerMetadataProperties") or {})
            for key in given.get("CustomerMetadataPropertiesToRemove") or []:
                metadata.pop(key, None)
            if metadata or "CustomerMetadataProperties" in package:
                package["CustomerMetadataProperties"] = metadata
            added = given.get("AdditionalInferenceSpecificationsToAdd") or []
            if added:
                name = "AdditionalInferenceSpecifications"
                package[name] = [*package.get(name, []), *added]
            changed = sorted(name for name in package if package[name] != before.get(name))
            package["LastModifiedTime"] = self._clock.now()
            package["LastModifiedBy"] = _user(call)
            announced = copy.deepcopy(package)
        self._announce(announced, changed)
        return {"ModelPackageArn": package["ModelPackageArn"]}

    def delete_package(self, call: Call) -> Document:
        """Serve DeleteModelPackage; its version number is not used again."""
        with self._lock:
            arn = self.package(call.parameters["ModelPackageName"], call)["ModelPackageArn"]
            del self._packages[arn]
            self._tags.forget(arn)
        return {}

    def list_packages(self, call: Call) -> Document:
        """Serve ListModelPackages."""
        given = call.parameters
        group = given.get("ModelPackageGroupName")
        prefix = _arn(call, "model-package/")
        with self._lock:
            if group:
                arn = self._group(call)["ModelPackageGroupArn"]
                mine = [p for p in self._packages.values() if self._in_group(p, arn)]
            else:
                mine = [p for arn, p in self._packages.items() if arn.startswith(prefix)]
        kind = "Both" if group else given.get("ModelPackageType", "Unversioned")
        status = given.get("ModelApprovalStatus")

        def keep(item: Document) -> bool:
            versioned = "ModelPackageVersion" in item
            return (kind == "Both" or versioned == (kind == "Versioned")) and (
                status is None or item.get("ModelApprovalStatus") == status
            )

        found, token = page(mine, given, name="ModelPackageArn", keep=keep)
        return {"ModelPackageSummaryList": [_summary(p) for p in found], "NextToken": token}

    def package(self, name: str, call: Call) -> Document:
        """Return the stored package for an ARN or, unversioned, a name.

        Raises:
            ServiceError: ``ValidationException`` when there is none.
        """
        arn = name if name.startswith("arn:") else _arn(call, f"model-package/{name}")
        with self._lock:
            if arn not in self._packages:
                raise _invalid(f"ModelPackage {arn} does not exist.")
            return self._packages[arn]

    def _group(self, call: Call) -> Document:
        arn = _group_arn(call, call.parameters["ModelPackageGroupName"])
        if arn not in self._groups:
            raise _invalid(f"ModelPackageGroup {arn} does not exist.")
        return self._groups[arn]

    @staticmethod
    def _in_group(package: Document, group_arn: str) -> bool:
        prefix = group_arn.replace(":model-package-group/", ":model-package/") + "/"
        return str(package["ModelPackageArn"]).startswith(prefix)

    def _new_package(self, call: Call) -> Document:
        given = copy.deepcopy(call.parameters)
        for name in ("Tags", "ClientToken"):
            given.pop(name, None)
        group_name = given.pop("ModelPackageGroupName", None)
        if bool(group_name) == bool(given.get("ModelPackageName")):
            raise _invalid("give either ModelPackageGroupName or ModelPackageName")
        if group_name:
            group = self._group(call)
            group_arn = str(group["ModelPackageGroupArn"])
            version = self._versions.get(group_arn, 0) + 1
            self._versions[group_arn] = version
            arn = group_arn.replace(":model-package-group/", ":model-package/") + f"/{version}"
            named = {
                "ModelPackageGroupName": group["ModelPackageGroupName"],
                "ModelPackageVersion": version,
                "ModelApprovalStatus": given.get("ModelApprovalStatus", "PendingManualApproval"),
            }
        else:
            arn = _arn(call, f"model-package/{given['ModelPackageName']}")
            if arn in self._packages:
                raise _invalid(f"Model Package already exists: {arn}")
            named = {"ModelPackageName": given["ModelPackageName"]}
        return {
            **given,
            **named,
            "ModelPackageArn": arn,
            "CreationTime": self._clock.now(),
            "CreatedBy": _user(call),
            "CertifyForMarketplace": bool(given.get("CertifyForMarketplace", False)),
            "ModelPackageStatus": "Completed",
            "ModelPackageStatusDetails": {"ValidationStatuses": [], "ImageScanStatuses": []},
        }

    def _announce(self, package: Document, changed: list[str] | None = None) -> None:
        """Publish a version's state; an update also tells which fields it changed.

        https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-staging-construct-event-bridge.html
        """
        arn = str(package["ModelPackageArn"])
        detail = {k: iso(v) if isinstance(v, datetime) else v for k, v in package.items()}
        if changed is not None:
            detail["UpdatedModelPackageFields"] = changed
        detail["Tags"] = {tag["Key"]: tag["Value"] for tag in self._tags.listed(arn)}
        self._emit(
            arn.split(":")[4],
            {
                "source": "aws.sagemaker",
                "detail-type": "SageMaker Model Package State Change",
                "region": arn.split(":")[3],
                "resources": [arn],
                "detail": detail,
            },
        )


def _arn(call: Call, resource: str) -> str:
    return f"arn:aws:sagemaker:{call.region}:{call.account_id}:{resource}"


def _group_arn(call: Call, name: str) -> str:
    return name if account_of(name) else _arn(call, f"model-package-group/{name}")


def _user(call: Call) -> Document:
    return {
        "IamIdentity": {"Arn": call.principal.arn, "PrincipalId": call.principal.arn.split(":")[-1]}
    }


def _summary(package: Document) -> Document:
    return {name: package[name] for name in _SUMMARY if package.get(name) is not None}


def _specification(package: Document) -> dict[str, Any]:
    value = package.get("InferenceSpecification")
    return {"InferenceSpecification": value} if value else {}
