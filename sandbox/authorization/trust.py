"""Role trust: who may assume a role.

Reads the emulator's IAM store; makes no call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from moto.iam.exceptions import NotFoundException
from moto.iam.models import iam_backends

from sandbox.authorization.statements import Asker, asker, decide, role_arn_of, service_asker
from sandbox.model import ServiceError

if TYPE_CHECKING:
    from sandbox.authorization.conditions import Context
    from sandbox.model import Document, Principal

_FORBIDDEN = 403
_ARN_PARTS = 6


def find_role(role_arn: str) -> Any | None:
    """Return moto's role for an ARN, ``None`` when the account has no such role."""
    parts = role_arn.split(":")
    if len(parts) != _ARN_PARTS or parts[4] not in iam_backends:
        return None
    try:
        return iam_backends[parts[4]]["aws"].get_role_by_arn(role_arn)
    except NotFoundException:
        return None


def require_trust(
    role_arn: str, principal: Principal, *, external_id: str | None, session_name: str
) -> Any:
    """Return the role when it lets a caller assume it.

    Raises:
        ServiceError: ``AccessDenied`` when there is no such role or its trust policy does
            not name the caller, as STS answers for both.
    """
    context = _context(
        {
            "sts:externalid": external_id,
            "sts:rolesessionname": session_name,
            "aws:principalarn": role_arn_of(principal.arn) or principal.arn,
            "aws:principalaccount": principal.account_id,
        }
    )
    return _require(role_arn, principal.arn, asker(principal), context)


def require_service_trust(role_arn: str, service: str, *, source_arn: str | None = None) -> Any:
    """Return the role when it lets an AWS service assume it.

    Args:
        role_arn: The role.
        service: Service principal, such as ``events.amazonaws.com``.
        source_arn: Resource on whose behalf the service acts, for ``aws:SourceArn``.

    Raises:
        ServiceError: ``AccessDenied`` as ``require_trust``.
    """
    account = role_arn.split(":")[4] if role_arn.count(":") >= _ARN_PARTS - 1 else None
    context = _context({"aws:sourcearn": source_arn, "aws:sourceaccount": account})
    return _require(role_arn, service, service_asker(service), context)


def _context(known: Context) -> Context:
    absent: Context = {
        "sts:externalid": None,
        "sts:rolesessionname": None,
        "aws:principalarn": None,
        "aws:principalaccount": None,
        "aws:sourcearn": None,
        "aws:sourceaccount": None,
        # The sandbox speaks plain HTTP where AWS speaks TLS only.
        "aws:securetransport": "true",
    }
    return {**absent, **known}


def _require(role_arn: str, caller: str, who: Asker, context: Context) -> Any:
    role = find_role(role_arn)
    if role is None:
        reason = "there is no such role"
    else:
        decision = decide(trust_policy(role), who=who, action="sts:AssumeRole", context=context)
        if decision.allowed:
            return role
        reason = f"of its trust policy: {decision.reason}"
    raise ServiceError(
        "AccessDenied",
        f"User: {caller} is not authorized to perform: sts:AssumeRole on resource: {role_arn} "
        f"because {reason}",
        _FORBIDDEN,
    )


def trust_policy(role: Any) -> str | Document:
    """Return a role's trust policy, decoded from the form it was created with."""
    policy = role.assume_role_policy_document
    return unquote(policy) if isinstance(policy, str) and policy.startswith("%") else policy
