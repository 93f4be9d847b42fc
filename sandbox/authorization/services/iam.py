"""IAM: users, roles, groups and policies by name, with their paths; boundaries and tags.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.authorization import names
from sandbox.authorization.generic import by_tables, request_tags
from sandbox.authorization.requirement import Requirement, Values, need, pass_role

if TYPE_CHECKING:
    from sandbox.services.call import Call

_EC2 = "ec2.amazonaws.com"
_CREATED = {
    "CreateInstanceProfile": ("iam:TagInstanceProfile", "instance-profile", "InstanceProfileName"),
    "CreatePolicy": ("iam:TagPolicy", "policy", "PolicyName"),
    "CreateRole": ("iam:TagRole", "role", "RoleName"),
    "CreateUser": ("iam:TagUser", "user", "UserName"),
}
# Operations whose boundary condition is about the boundary that they set.
_SETS_BOUNDARY = {
    "CreateRole",
    "CreateUser",
    "PutRolePermissionsBoundary",
    "PutUserPermissionsBoundary",
}


def required(call: Call) -> tuple[Requirement, ...]:
    """Return what an IAM operation needs."""
    found = by_tables(call, names=_names(call), context=_context(call))
    given = call.parameters
    if call.operation in _CREATED and request_tags(call):
        action, kind, name = _CREATED[call.operation]
        path = _path(given.get("Path"))
        arn = f"arn:aws:iam::{call.account_id}:{kind}{path}{given.get(name, '')}"
        found += (need(call, action, arn, request_tags(call)),)
    if call.operation == "AddRoleToInstanceProfile":
        found += pass_role(call, role_arn(call, str(given.get("RoleName", ""))), _EC2)
    return found


def role_arn(call: Call, name: str) -> str:
    """Return the ARN of a role of the call's account, with the path of the stored one."""
    known = names.role(call.account_id, name)
    return str(known.arn) if known else f"arn:aws:iam::{call.account_id}:role/{name}"


def _names(call: Call) -> dict[str, str]:
    """Return the names with paths that the ARN formats ask for."""
    given, path = call.parameters, _path(call.parameters.get("Path")).removeprefix("/")
    values: dict[str, str] = {}
    user = given.get("UserName") or (_own_name(call) if call.operation == "GetUser" else "")
    if given.get("RoleName"):
        values["rolenamewithpath"] = _tail(
            names.role(call.account_id, given["RoleName"]), path + given["RoleName"]
        )
    if user:
        values["usernamewithpath"] = _tail(names.user(call.account_id, user), path + user)
    for name in ("GroupName", "InstanceProfileName"):
        if given.get(name):
            values[f"{name.lower()}withpath"] = path + given[name]
    if given.get("PolicyName") and call.operation == "CreatePolicy":
        values["policynamewithpath"] = path + given["PolicyName"]
    return values


def _own_name(call: Call) -> str:
    return call.principal.arn.rsplit("/", 1)[-1] if ":user/" in call.principal.arn else ""


def _path(path: object) -> str:
    return f"/{str(path).strip('/')}/".replace("//", "/") if path else "/"


def _tail(stored: Any | None, name: str) -> str:
    return str(stored.arn).split(":", 5)[5].split("/", 1)[1] if stored else name


def _context(call: Call) -> dict[str, Values]:
    given = call.parameters
    keys: dict[str, Values] = {}
    if given.get("PolicyArn") and call.operation.startswith(("Attach", "Detach")):
        keys["iam:policyarn"] = (str(given["PolicyArn"]),)
    boundary = given.get("PermissionsBoundary") if call.operation in _SETS_BOUNDARY else None
    if call.operation not in _SETS_BOUNDARY and given.get("RoleName"):
        stored = names.role(call.account_id, given["RoleName"])
        boundary = stored.permissions_boundary_arn if stored else None
    if boundary:
        keys["iam:permissionsboundary"] = (str(boundary),)
    if call.operation == "CreateServiceLinkedRole":
        keys["iam:awsservicename"] = (str(given.get("AWSServiceName", "")),)
    return keys
