"""Retry policies of steps.

Calls nothing; the caller waits, on the real clock, as long as the policy declares.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/pipelines-retry-policy.html. SageMaker
also retries throttling and service faults of any step by itself; how often is not published,
so the default here (three attempts, one second, doubling) is the sandbox's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.pipelines.errors import SERVICE_FAULT, THROTTLING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.model import Document

_DEFAULT: Document = {
    "ExceptionType": [SERVICE_FAULT, THROTTLING],
    "BackoffRate": 2.0,
    "IntervalSeconds": 1,
    "MaxAttempts": 2,
}


@dataclass
class Retries:
    """Counts the retries of one step, one counter a policy."""

    policies: Sequence[Document]
    _used: dict[int, int]
    _waited: dict[int, float]

    @classmethod
    def of(cls, policies: Sequence[Document]) -> Retries:
        """Return a counter for a step's RetryPolicies, the default one last."""
        return cls([*policies, _DEFAULT], {}, {})

    def next_delay_seconds(self, kind: str) -> float | None:
        """Return how long to wait before the next attempt, None when there is none.

        Args:
            kind: SageMaker's name of the kind of failure.
        """
        for index, policy in enumerate(self.policies):
            if kind not in policy["ExceptionType"]:
                continue
            used, waited = self._used.get(index, 0), self._waited.get(index, 0.0)
            interval = float(policy.get("IntervalSeconds", 1))
            delay = interval * float(policy.get("BackoffRate", 2.0)) ** used
            minutes, attempts = policy.get("ExpireAfterMin"), policy.get("MaxAttempts")
            exhausted = attempts is not None and used >= int(attempts)
            expired = minutes is not None and waited + delay > 60 * float(minutes)
            if exhausted or expired:
                return None
            self._used[index], self._waited[index] = used + 1, waited + delay
            return delay
        return None
