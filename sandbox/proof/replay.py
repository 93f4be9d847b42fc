"""Which act needs which permission: every decision is taken again without the permission.

Pure. Only decisions that allowed are replayed: taking an Allow away makes no denied request pass.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Protocol

from sandbox.authorization.evaluate import evaluate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sandbox.authorization.evaluate import Decision, Policies, Request
    from sandbox.authorization.policy import Removed
    from sandbox.proof.policies import Permission


class Decided(Protocol):
    """An entry of the authorizer's journal."""

    @property
    def label(self) -> str:
        """The act that made the request."""
        ...

    @property
    def request(self) -> Request:
        """What was asked."""
        ...

    @property
    def policies(self) -> Policies:
        """The policies that applied at that moment."""
        ...

    @property
    def decision(self) -> Decision:
        """What was decided."""
        ...


def needs(
    permissions: Mapping[Permission, Removed], journal: Iterable[Decided]
) -> dict[Permission, tuple[str, ...]]:
    """Return the labels of the acts that need each permission; none for an unneeded one.

    Args:
        permissions: Each permission and how it is removed.
        journal: All decisions of a run of all acts; those without a label belong to none.
    """
    by_statement: dict[tuple[str, str], list[tuple[Permission, Removed]]] = defaultdict(list)
    for permission, removed in permissions.items():
        by_statement[removed.policy, removed.sid].append((permission, removed))
    found: dict[Permission, set[str]] = {permission: set() for permission in permissions}
    for entry in journal:
        if not entry.decision.allowed or not entry.label:
            continue
        act = act_of(entry)
        for statement in _statements(entry):
            for permission, removed in by_statement.get(statement, ()):
                if act not in found[permission] and hinges_on(entry, removed):
                    found[permission].add(act)
    return {permission: tuple(sorted(labels)) for permission, labels in found.items()}


def act_of(entry: Decided) -> str:
    """Return the act of a decision: its label, without the number of a round."""
    return entry.label.split(" (", 1)[0]


def hinges_on(entry: Decided, removed: Removed) -> bool:
    """Return whether a journalled request is allowed with a permission and denied without it."""
    return (
        evaluate(entry.request, entry.policies).allowed
        and not evaluate(entry.request, entry.policies, without=frozenset([removed])).allowed
    )


def _statements(entry: Decided) -> Iterator[tuple[str, str]]:
    """Yield what could have allowed a request: statements about its action that applied."""
    policies = entry.policies
    others = (policies.boundary, policies.session, policies.resource)
    for policy in (*policies.identity, *(each for each in others if each is not None)):
        for statement in policy.about(entry.request.action):
            if statement.effect == "Allow":
                yield policy.name, statement.sid
