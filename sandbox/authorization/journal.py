"""The journal of decisions: every distinct one, with all that it was decided by.

In memory. ``/_sandbox/journal`` shows it.
"""

from __future__ import annotations

import threading
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.authorization.evaluate import Decision
    from sandbox.authorization.request import Policies, Request
    from sandbox.model import Document

# They differ from request to request and say nothing of what is needed.
_PASSING = {"aws:currenttime", "aws:epochtime", "aws:sourceip", "aws:useragent", "aws:userid"}


@dataclass(frozen=True)
class Entry:
    """One decision.

    Attributes:
        label: What was going on, as ``/_sandbox/label`` said.
        operation: Operation that asked, such as ``s3:PutObject``.
        request: Who asked what.
        policies: The policies that applied.
        decision: The outcome.
    """

    label: str
    operation: str
    request: Request
    policies: Policies
    decision: Decision

    @property
    def principal(self) -> str:
        """Role of a session, else the user or the service."""
        caller = self.request.caller
        return caller.role_arn or caller.service or caller.arn

    @property
    def identity(self) -> tuple[object, ...]:
        """What makes two decisions the same."""
        request, decision = self.request, self.decision
        return (
            self.label,
            self.operation,
            self.principal,
            request.action,
            request.resource,
            decision.allowed,
            decision.statements,
        )

    def listed(self) -> Document:
        """Return the entry ready for JSON."""
        request, decision = self.request, self.decision
        context = request.context.items()
        return {
            "label": self.label,
            "operation": self.operation,
            "principal": self.principal,
            "account": request.caller.account_id,
            "action": request.action,
            "resource": request.resource,
            "resource_account": request.resource_account,
            "context": {name: list(values) for name, values in context if name not in _PASSING},
            **asdict(decision),
        }


class Journal:
    """Remembers decisions."""

    def __init__(self) -> None:
        self._entries: dict[tuple[object, ...], Entry] = {}
        self._lock = threading.Lock()

    def note(self, entry: Entry) -> None:
        """Remember a decision, unless the same is known."""
        with self._lock:
            self._entries.setdefault(entry.identity, entry)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All distinct decisions, oldest first."""
        with self._lock:
            return tuple(self._entries.values())
