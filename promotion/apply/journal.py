"""Tells the ledger what an apply does: overrides before the first write, the outcome at the end.

Invokes the ledger's function through `promotion.aws.statements`; waits between attempts.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from promotion.apply.perform import ApplyFailed
from promotion.apply.records import (
    Statement,
    Told,
    applied_statements,
    failed_statements,
    override_statements,
)
from promotion.aws.statements import StatementRefused
from promotion.errors import RemoteError
from promotion.ledger.moments import timestamp
from promotion.ledger.record import Record
from promotion.plan.archive import PlanFile

# The ledger's function may have been made seconds ago, by this apply or by that of the registry
# which runs beside it, and permissions take a while to take effect.
PATIENCE_SECONDS = 180.0
_PAUSE_SECONDS = 5.0


class NotRecorded(RemoteError):
    """The account was changed, and the ledger does not know of it yet."""


class Ledger(Protocol):
    """Where records go."""

    def state(self, record: Record, token: str) -> None:
        """Record a fact, once however often it is stated with the same token."""


@dataclass(frozen=True)
class Journal:
    """The records of one apply.

    Attributes:
        file: the plan file.
        actor: ARN of whoever applies it.
        ledger: where records go.
        ledger_arn: ARN of the ledger's function for this account.
        say: writes one line of progress.
        sleep: waits for a number of seconds.
        now: the time.
    """

    file: PlanFile
    actor: str
    ledger: Ledger
    ledger_arn: str
    say: Callable[[str], None]
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def begin(self) -> None:
        """Record the overridden gates, so that none takes effect that is not recorded.

        Nothing is recorded yet where this very plan makes the function that would do it.

        Raises:
            RemoteError: the ledger does not take them; nothing was applied.
        """
        plan = self.file.plan
        function_name = self.ledger_arn.rpartition(":")[2]
        if plan.terraform and plan.terraform.creates("aws_lambda_function", function_name):
            return
        try:
            self._state(override_statements(self.file, self._told()))
        except RemoteError as error:
            raise RemoteError(
                f"the overrides of the plan for {plan.environment} cannot be recorded, so that "
                f"nothing was applied: {error.message}",
                account_id=error.account_id,
                operation=error.operation,
                resource=error.resource,
                hint=error.hint or "mend the ledger, then run the command again",
            ) from error

    def failed(self, error: ApplyFailed, attempt: str) -> None:
        """Record that an attempt failed; where that fails too, the error says so.

        Args:
            error: what failed, and what state remains.
            attempt: id of the attempt.
        """
        try:
            self._state(failed_statements(self.file, self._told(), error, attempt))
        except RemoteError as second:
            told = f"the ledger does not know of this failure: {second.message}"
            error.problems = (*error.problems, told)

    def applied(self, actions: int) -> None:
        """Record that the plan was carried out; nothing of a plan that had nothing to do.

        Args:
            actions: how many actions this run took; 0 when an earlier one had taken them all.

        Raises:
            NotRecorded: the ledger does not take it; the account stays changed.
        """
        told = self._told()
        applied = applied_statements(self.file, told, actions)
        statements = (*override_statements(self.file, told), *applied) if applied else ()
        try:
            self._state(statements, patience_seconds=PATIENCE_SECONDS)
        except (RemoteError, KeyboardInterrupt) as error:
            raise self._not_recorded(error) from error

    def _not_recorded(self, error: RemoteError | KeyboardInterrupt) -> NotRecorded:
        plan = self.file.plan
        why = error.message if isinstance(error, RemoteError) else "interrupted"
        return NotRecorded(
            f"{plan.environment} (account {plan.account_id}) is as the plan wants it, but the "
            f"ledger does not know: {why}",
            operation="lambda.Invoke",
            resource=self.ledger_arn,
            hint="apply the same plan file again: it changes nothing more and hands the records "
            f"in: promote apply {self.file.path}",
        )

    def _state(self, statements: Sequence[Statement], patience_seconds: float = 0.0) -> None:
        """State each; one that fails is tried again for as long as there is patience."""
        left = patience_seconds
        for statement in statements:
            while True:
                try:
                    self.ledger.state(statement.record, statement.token)
                    break
                except StatementRefused:
                    raise
                except RemoteError as error:
                    if left <= 0:
                        raise
                    self.say(f"the ledger is not ready, trying again: {error.message}")
                    self.sleep(_PAUSE_SECONDS)
                    left -= _PAUSE_SECONDS

    def _told(self) -> Told:
        return Told(actor=self.actor, at=timestamp(self.now()))
