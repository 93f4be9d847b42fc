"""Role trust: whether an AWS service may assume a role.

Reads the emulator's IAM store. What a person or another role may assume is judged like any
other call, see ``authorizer.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.authorization import names
from sandbox.authorization.callers import service_caller
from sandbox.authorization.context import Surroundings
from sandbox.authorization.denials import message
from sandbox.authorization.requirement import Requirement, account_in
from sandbox.model import ServiceError

if TYPE_CHECKING:
    from sandbox.authorization.judge import Judge
    from sandbox.authorization.requirement import Values

_FORBIDDEN = 403
_REGION = "us-east-1"
_ROLE = ":role/"
# Services that do not say for whom they assume a role:
# https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/iam-roles-for-amazon-ec2.html
_SILENT = {"ec2.amazonaws.com"}


def find_role(role_arn: str) -> Any | None:
    """Return moto's role for an ARN, ``None`` when there is no such role."""
    if _ROLE not in role_arn:
        return None
    found = names.role(account_in(role_arn), role_arn.rsplit("/", 1)[-1])
    return found if found is not None and found.arn == role_arn else None


def require_service_trust(
    judge: Judge, role_arn: str, service: str, *, source_arn: str = ""
) -> Any:
    """Return the role when it lets an AWS service assume it.

    Args:
        judge: Decides by the role's trust policy.
        role_arn: The role.
        service: Service principal, such as ``events.amazonaws.com``.
        source_arn: Resource on whose behalf the service acts, for ``aws:SourceArn``.

    Raises:
        ServiceError: ``AccessDenied`` when there is no such role, or its trust policy does not
            name the service.
    """
    account = account_in(role_arn)
    context: dict[str, Values] = {} if service in _SILENT else {"aws:sourceaccount": (account,)}
    requirement = Requirement("sts:AssumeRole", role_arn, account, context)
    caller = service_caller(account, service)
    role = find_role(role_arn)
    if role is None:
        reason = "because there is no such role"
    else:
        around = Surroundings(_REGION, "sts", source_arn=source_arn)
        _, decision = judge.decide(caller, requirement, around, operation="sts:AssumeRole")
        if decision.allowed:
            return role
        reason = decision.reason
    raise ServiceError("AccessDenied", message(caller, requirement, reason), _FORBIDDEN)
