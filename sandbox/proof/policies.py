"""Policies of the estate and the permissions in them.

Pure. A permission is one action of one Allow statement: the smallest thing that can be taken out
of a policy.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from sandbox.authorization.policy import Removed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sandbox.model import Document

Kind = Literal["identity", "boundary", "resource", "trust"]


@dataclass(frozen=True, order=True)
class Permission:
    """One action of one Allow statement.

    Attributes:
        account: Environment whose account holds the policy.
        kind: identity, boundary, resource or trust.
        holder: Role, bucket, key, topic, queue, function, bus, table or group with the policy.
        policy: The policy's name; of a resource's only policy, its kind of resource.
        sid: The statement's Sid, ``#0`` (its index) without one.
        action: As written in the policy, wildcards included; ``NotAction`` stands for all of a
            statement that names what it leaves out.
    """

    account: str
    kind: str
    holder: str
    policy: str
    sid: str
    action: str

    @property
    def name(self) -> str:
        """One line for messages."""
        return f"{self.account} {self.holder} {self.policy} {self.sid} {self.action}"


@dataclass(frozen=True)
class HeldPolicy:
    """A policy and who or what has it.

    Attributes:
        account: Environment whose account holds the policy.
        kind: identity, boundary, resource or trust.
        holder: Role name or name of the resource.
        name: The policy's name.
        reference: Name under which the authorizer knows it.
        document: The decoded policy.
        purpose: What the holder is for, as Terraform describes it; of trust policies only.
        boundary: Name of the holder's permissions boundary; of trust policies only.
    """

    account: str
    kind: Kind
    holder: str
    name: str
    reference: str
    document: Document = field(hash=False)
    purpose: str = ""
    boundary: str = ""

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What identifies the policy for a reader, and its place in lists."""
        return (self.account, self.kind, self.holder, self.name)

    def statements(self) -> Iterator[tuple[str, Document]]:
        """Yield each statement with its Sid, in the policy's order."""
        given = self.document.get("Statement", [])
        for index, statement in enumerate(given if isinstance(given, list) else [given]):
            yield statement.get("Sid") or f"#{index}", statement

    def permissions(self) -> Iterator[tuple[Permission, Removed]]:
        """Yield each permission, and what the authorizer is told to remove it."""
        for sid, statement in self.statements():
            if statement["Effect"] != "Allow":
                continue
            if "NotAction" in statement:
                yield Permission(*self.key, sid, "NotAction"), Removed(self.reference, sid)
            for action in listed(statement.get("Action", [])):
                yield Permission(*self.key, sid, action), Removed(self.reference, sid, action)


def listed(element: Any) -> list[Any]:
    """Return a policy element that may be one value or a list of values as a list."""
    return list(element) if isinstance(element, list) else [element]


def all_permissions(policies: Iterable[HeldPolicy]) -> dict[Permission, Removed]:
    """Return the permissions of all policies, in order."""
    found = {
        permission: removed for policy in policies for permission, removed in policy.permissions()
    }
    return dict(sorted(found.items()))
