"""SageMaker: resources by name or ARN, roles that are passed, tags, the model registry.

https://docs.aws.amazon.com/sagemaker/latest/dg/api-permissions-reference.html
Groups and packages of other accounts:
https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-deploy-xaccount.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.authorization.generic import by_tables, request_tags, table_action
from sandbox.authorization.requirement import Requirement, Values, account_in, arn, is_arn, need
from sandbox.authorization.requirement import pass_role as passed
from sandbox.authorization.services.sagemaker_keys import condition_keys

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sandbox.services.call import Call

SERVICE = "sagemaker.amazonaws.com"
_ROLES = ("RoleArn", "ExecutionRoleArn", "ExecutionRole")
_NESTED_ROLES = ("DefaultUserSettings", "DefaultSpaceSettings", "UserSettings")
_GROUPS = {
    "DeleteModelPackageGroup",
    "DeleteModelPackageGroupPolicy",
    "DescribeModelPackageGroup",
    "GetModelPackageGroupPolicy",
    "PutModelPackageGroupPolicy",
}


def required(call: Call) -> tuple[Requirement, ...]:
    """Return what a SageMaker operation needs."""
    found = list(_on_resources(call))
    tags = request_tags(call)
    if call.operation.startswith("Create") and tags:
        tagging: dict[str, Values] = {**tags, "sagemaker:taggingaction": (call.operation,)}
        found.append(need(call, "sagemaker:AddTags", found[0].resource_arn, tagging))
    if call.operation.startswith(("Create", "Update")):
        for role in _roles(call):
            found += passed(call, role, SERVICE)
    return tuple(found)


def package_arn(call: Call, name: str) -> str:
    """Return a model package's ARN for its ARN or, unversioned, its name."""
    return name if is_arn(name) else arn(call, "sagemaker", f"model-package/{name}")


def group_arn(call: Call, name: str) -> str:
    """Return a model package group's ARN for its name or ARN."""
    return name if is_arn(name) else arn(call, "sagemaker", f"model-package-group/{name}")


def packages_arn(call: Call, group: str) -> str:
    """Return the ARN that stands for the versions of a group, the next one included."""
    return group_arn(call, group).replace(":model-package-group/", ":model-package/") + "/*"


def _on_resources(call: Call) -> tuple[Requirement, ...]:
    given, keys = call.parameters, {**request_tags(call), **condition_keys(call)}
    group = str(given.get("ModelPackageGroupName") or "")
    if call.operation in _GROUPS:
        return (need(call, table_action(call).name, group_arn(call, group), keys),)
    if call.operation in {"CreateModelPackage", "ListModelPackages"}:
        name = str(given.get("ModelPackageName") or "*")
        resource = packages_arn(call, group) if group else package_arn(call, name)
        return (need(call, table_action(call).name, resource, keys),)
    if call.operation == "BatchDescribeModelPackage":
        arns = given.get("ModelPackageArnList") or []
        return tuple(need(call, table_action(call).name, str(one)) for one in arns)
    if call.operation == "CreateModel":
        return (*by_tables(call, context=keys), *_foreign_packages(call))
    return by_tables(call, names=_names(call), context=keys)


def _names(call: Call) -> Mapping[str, str]:
    """Return names that differ from the parameters': packages by name, pipelines in executions."""
    given = call.parameters
    values: dict[str, str] = {}
    if given.get("ModelPackageName"):
        values["modelpackagename"] = package_arn(call, str(given["ModelPackageName"]))
    if given.get("AutoMLJobName"):
        values["automljobjobname"] = str(given["AutoMLJobName"])
    return values


def _foreign_packages(call: Call) -> tuple[Requirement, ...]:
    """Return the use of other accounts' model packages, which their groups' policies allow."""
    given = call.parameters
    containers = [given.get("PrimaryContainer") or {}, *(given.get("Containers") or [])]
    packages = [str(one["ModelPackageName"]) for one in containers if one.get("ModelPackageName")]
    return tuple(
        need(call, "sagemaker:CreateModel", name)
        for name in packages
        if is_arn(name) and account_in(name) != call.account_id
    )


def _roles(call: Call) -> Iterator[str]:
    given = call.parameters
    settings = [given, *(given.get(name) or {} for name in _NESTED_ROLES)]
    seen = {str(one[name]) for one in settings for name in _ROLES if one.get(name)}
    yield from sorted(seen)
