"""Which policies apply: those of the caller, from moto's IAM store, and the resource's own.

Reads moto's stores; a policy's name in decisions is the ARN of what it is attached to, with
its own name after ``#`` when it is inline, or its own ARN when it is managed. A resource's policy
has the ARN of what holds it: the bucket, not the object. A store is copied before anything goes
through it, because calls that were judged before may write to it meanwhile.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from moto.iam.models import iam_backends

from sandbox.authorization import names
from sandbox.authorization.policy import Policy, parse_policy
from sandbox.authorization.request import Policies
from sandbox.authorization.resource_policies import holder_arn, policy_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.authorization.request import Caller
    from sandbox.authorization.requirement import Requirement

# A boundary that is gone allows nothing.
_NOTHING = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}],
    }
)


def policies_of(
    caller: Caller,
    requirement: Requirement,
    *,
    session: str,
    group_policy: Callable[[str], str | None],
) -> Policies:
    """Return everything that applies to a request.

    Args:
        caller: Who asks.
        requirement: For what.
        session: Policy that the caller's session was made with, as text; empty for none.
        group_policy: Returns the policy of a model package group by its ARN.

    Raises:
        PolicyError: A stored policy cannot be evaluated.
    """
    owner = _identity_owner(caller)
    text = policy_text(requirement, group_policy)
    return Policies(
        identity=tuple(_identity(owner, caller)) if owner is not None else (),
        boundary=_boundary(owner, caller) if owner is not None else None,
        session=parse_policy(f"{caller.arn}#session", session) if session else None,
        resource=parse_policy(holder_arn(requirement.resource_arn), text) if text else None,
        resource_required=bool(text) and _own_policy_decides(requirement),
    )


def _own_policy_decides(requirement: Requirement) -> bool:
    """Return whether a resource's own policy must allow even within its account."""
    if requirement.action.startswith("kms:"):
        return ":key/" in requirement.resource_arn
    return requirement.action.startswith("sts:")


def _identity_owner(caller: Caller) -> Any | None:
    if caller.kind == "user":
        return names.user(caller.account_id, caller.arn.rsplit("/", 1)[-1])
    if caller.kind == "session":
        return names.role(caller.account_id, str(caller.role_arn).rsplit("/", 1)[-1])
    return None


def _identity(owner: Any, caller: Caller) -> Iterator[Policy]:
    yield from _attached(owner)
    if caller.kind == "user":
        for group in list(iam_backends[caller.account_id]["aws"].groups.values()):
            if owner in group.users:
                yield from _attached(group)


def _attached(owner: Any) -> Iterator[Policy]:
    for name, text in list(owner.policies.items()):
        yield parse_policy(f"{owner.arn}#{name}", text)
    for managed in list(owner.managed_policies.values()):
        yield parse_policy(managed.arn, names.managed_document(managed))


def _boundary(owner: Any, caller: Caller) -> Policy | None:
    arn = getattr(owner, "permissions_boundary_arn", None)
    if not arn:
        return None
    stored = iam_backends[caller.account_id]["aws"].managed_policies.get(arn)
    text = names.managed_document(stored) if stored else _NOTHING
    return parse_policy(arn, text)
