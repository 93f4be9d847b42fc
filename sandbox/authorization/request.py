"""A request and the policies that apply to it.

Values only; reads, writes and calls nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sandbox.authorization.errors import PolicyError

if TYPE_CHECKING:
    from sandbox.authorization.conditions import Context
    from sandbox.authorization.policy import Policy

Kind = Literal["root", "user", "session", "service"]


@dataclass(frozen=True)
class Caller:
    """Who asks.

    Attributes:
        account_id: Account of the caller; of no meaning for a service.
        arn: User, assumed-role session or account root; the service principal for a service.
        kind: Which of these.
        role_arn: Role of a session, ``None`` otherwise.
        service: Service principal, such as ``events.amazonaws.com``; empty for others.
    """

    account_id: str
    arn: str
    kind: Kind
    role_arn: str | None = None
    service: str = ""


@dataclass(frozen=True)
class Request:
    """What is asked.

    Attributes:
        caller: Who asks.
        action: Such as ``s3:GetObject``.
        resource: ARN, or ``*`` for an action that AWS does not tie to a resource.
        resource_account: Account that owns the resource; the caller's own for ``*``.
        context: Condition keys.
    """

    caller: Caller
    action: str
    resource: str
    resource_account: str
    context: Context


@dataclass(frozen=True)
class Policies:
    """The policies that apply to a request.

    Attributes:
        identity: Attached to the user and its groups, or to the session's role.
        boundary: Permissions boundary of the user or role.
        session: Policy passed when the session was made.
        resource: Policy of the resource: bucket policy, key policy, role trust and so on.
        resource_required: The resource's policy must allow even within the account (keys,
            role trust).

    Raises:
        PolicyError: A policy that names principals where none may be named, or the reverse.
    """

    identity: tuple[Policy, ...] = ()
    boundary: Policy | None = None
    session: Policy | None = None
    resource: Policy | None = None
    resource_required: bool = False

    def __post_init__(self) -> None:
        for policy in (*self.identity, self.boundary, self.session):
            if policy is not None and policy.resource_based:
                raise PolicyError("names a principal, as only resource policies do", policy.name)
        if self.resource is not None and not self.resource.resource_based:
            raise PolicyError("names no principal, as resource policies must", self.resource.name)
