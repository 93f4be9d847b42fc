"""Callback steps that wait for SendPipelineExecutionStepSuccess or …Failure.

Reads and writes its own memory only.
"""

from __future__ import annotations

import secrets
import string
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox.pipelines.errors import validation

if TYPE_CHECKING:
    from sandbox.model import Document


@dataclass
class Callback:
    """One waiting step.

    Attributes:
        answer: OutputParameters of a success, None until then or after a failure.
        failure_reason: Set by a failure.
    """

    token: str
    execution_arn: str
    answer: Document | None = None
    failure_reason: str | None = None
    done: threading.Event = field(default_factory=threading.Event)


class Callbacks:
    """The waiting callback steps of all accounts by token."""

    def __init__(self) -> None:
        self._waiting: dict[str, Callback] = {}
        self._lock = threading.Lock()

    def open(self, execution_arn: str) -> Callback:
        """Register a waiting step under a fresh token of ten characters."""
        alphabet = string.ascii_lowercase + string.digits
        token = "".join(secrets.choice(alphabet) for _ in range(10))
        callback = Callback(token, execution_arn)
        with self._lock:
            self._waiting[token] = callback
        return callback

    def succeed(self, token: str, account_id: str, outputs: list[Document]) -> Callback:
        """Answer a step with its output parameters."""
        callback = self._take(token, account_id)
        callback.answer = {row["Name"]: row["Value"] for row in outputs}
        callback.done.set()
        return callback

    def fail(self, token: str, account_id: str, reason: str) -> Callback:
        """Fail a step."""
        callback = self._take(token, account_id)
        callback.failure_reason = reason
        callback.done.set()
        return callback

    def close(self, callback: Callback) -> None:
        """Forget a step that waits no longer."""
        with self._lock:
            self._waiting.pop(callback.token, None)

    def _take(self, token: str, account_id: str) -> Callback:
        with self._lock:
            callback = self._waiting.get(token)
            if callback is None or callback.execution_arn.split(":")[4] != account_id:
                raise validation(f"No callback step waits for the token '{token}'")
            return self._waiting.pop(token)
