"""Resource policies: whether one lets a principal or an AWS service do something.

Pure. Explicit deny first, default deny:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.authorization.conditions import (
    Context,
    UnknownConditionError,
    holds,
    values_of,
    wildcard_match,
)

if TYPE_CHECKING:
    from sandbox.model import Document, Principal

_SESSION = re.compile(r"arn:aws:sts::(\d{12}):assumed-role/([^/]+)/.+")


@dataclass(frozen=True)
class Decision:
    """Outcome of evaluating a policy.

    Attributes:
        allowed: Whether the policy lets the request through.
        reason: Why not, for the error message; empty when allowed.
    """

    allowed: bool
    reason: str = ""


@dataclass(frozen=True)
class Asker:
    """What a statement's ``Principal`` is compared with.

    Attributes:
        names: ARNs and account ids that mean this caller, for ``Principal.AWS``.
        service: Service principal such as ``events.amazonaws.com``; empty for people.
    """

    names: frozenset[str]
    service: str = ""


def role_arn_of(session_arn: str) -> str | None:
    """Return the role's ARN for the ARN of one of its sessions (a role without a path)."""
    match = _SESSION.fullmatch(session_arn)
    return f"arn:aws:iam::{match[1]}:role/{match[2]}" if match else None


def asker(principal: Principal) -> Asker:
    """Return what names a caller: itself, its role and its account."""
    account = principal.account_id
    names = {principal.arn, account, f"arn:aws:iam::{account}:root"}
    role = role_arn_of(principal.arn)
    return Asker(frozenset(names | {role} if role else names))


def service_asker(service: str) -> Asker:
    """Return what names an AWS service."""
    return Asker(frozenset(), service)


def decide(
    policy: str | Document | None,
    *,
    who: Asker,
    action: str,
    context: Context,
    resource: str | None = None,
) -> Decision:
    """Decide a request by one resource policy.

    Args:
        policy: The policy; ``None`` when the resource has none.
        who: The caller.
        action: Such as ``sns:Publish``.
        context: Condition keys, see ``sandbox.authorization.conditions``.
        resource: ARN to compare with ``Resource``; ``None`` for policies without one (trust
            policies) and where the policy hangs on the resource itself.

    Returns:
        The decision; a condition that cannot be evaluated denies and is named.
    """
    if not policy:
        return Decision(False, "there is no policy")
    document: dict[str, Any] = json.loads(policy) if isinstance(policy, str) else policy
    statements = document.get("Statement", [])
    statements = statements if isinstance(statements, list) else [statements]
    try:
        matching = [
            statement["Effect"]
            for statement in statements
            if _applies(statement, who=who, action=action, context=context, resource=resource)
        ]
    except UnknownConditionError as error:
        return Decision(False, f"the policy uses {error}, which the sandbox does not evaluate")
    if "Deny" in matching:
        return Decision(False, "a statement denies it explicitly")
    if "Allow" in matching:
        return Decision(True)
    return Decision(False, "no statement allows it")


def _applies(
    statement: Document, *, who: Asker, action: str, context: Context, resource: str | None
) -> bool:
    return (
        _names_caller(statement, who)
        and _names_action(statement, action)
        and _names_resource(statement, resource)
        and holds(statement.get("Condition", {}), context)
    )


def _names_caller(statement: Document, who: Asker) -> bool:
    if "NotPrincipal" in statement:
        return not _principal_matches(statement["NotPrincipal"], who)
    return _principal_matches(statement.get("Principal", {}), who)


def _principal_matches(principal: Any, who: Asker) -> bool:
    if principal == "*":
        return True
    if not isinstance(principal, dict):
        return False
    people = values_of(principal.get("AWS", []))
    services = values_of(principal.get("Service", []))
    return "*" in people or bool(who.names & set(people)) or who.service in services


def _names_action(statement: Document, action: str) -> bool:
    def matches(patterns: list[str]) -> bool:
        return any(wildcard_match(pattern.lower(), action.lower()) for pattern in patterns)

    if "NotAction" in statement:
        return not matches(values_of(statement["NotAction"]))
    return matches(values_of(statement.get("Action", [])))


def _names_resource(statement: Document, resource: str | None) -> bool:
    if resource is None:
        return True
    if "NotResource" in statement:
        return not any(wildcard_match(p, resource) for p in values_of(statement["NotResource"]))
    return any(wildcard_match(p, resource) for p in values_of(statement.get("Resource", "*")))
