"""Scheduled rules: when they fall due, and firing them as the virtual clock moves.

Reads moto's stored rules; moves the clock; sends scheduled events to targets.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-rule-schedule.html
"""

from __future__ import annotations

import logging
import re
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from moto.events.models import events_backends

from sandbox.clock import LAST_MOMENT, VirtualClock, iso
from sandbox.model import Document, SandboxError, ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.events.bus import EventBuses

_LOG = logging.getLogger(__name__)
_RATE = re.compile(r"rate\((\d+) (minute|hour|day)(s?)\)")
_CRON = re.compile(r"cron\((.+)\)")
_TICK_SECONDS = 1.0


@dataclass(frozen=True)
class Due:
    """A rule and the moment at which it fires next."""

    at: datetime
    rule: Any


def check_expression(expression: str) -> None:
    """Return when EventBridge would accept a schedule expression.

    Raises:
        ServiceError: ``ValidationException`` saying what is wrong.
    """
    try:
        next_after(expression, datetime.fromisoformat("2026-01-01T00:00:00+00:00"))
    except (SandboxError, ValueError) as error:
        raise ServiceError(
            "ValidationException", f"Parameter ScheduleExpression is not valid. {error}"
        ) from error


def next_after(
    expression: str, moment: datetime, created: datetime | None = None
) -> datetime | None:
    """Return when an expression falls due after a moment.

    Args:
        expression: ``rate(…)`` or ``cron(…)``, in UTC.
        moment: The result is later than this.
        created: When the rule was written, from which a rate counts; ``moment`` by default.

    Returns:
        The due time; ``None`` for a cron expression whose years are over.

    Raises:
        SandboxError: The expression is not valid.
    """
    rate = _RATE.fullmatch(expression)
    if rate:
        return _next_of_rate(rate, expression, moment, created or moment)
    cron = _CRON.fullmatch(expression)
    if not cron:
        raise SandboxError(f"{expression!r} is neither rate(…) nor cron(…)")
    from aws_croniter import AwsCroniter
    from aws_croniter.exceptions import AwsCroniterExpressionError

    # Whole minutes: aws-croniter rounds seconds up and so skips the minute that comes next.
    minute = moment.replace(second=0, microsecond=0)
    try:
        upcoming = AwsCroniter(cron[1]).occurrence(minute).next()
    except AwsCroniterExpressionError as error:
        raise SandboxError(f"{expression!r}: {error}") from error
    return upcoming if upcoming is None or isinstance(upcoming, datetime) else None


def _next_of_rate(
    rate: re.Match[str], expression: str, moment: datetime, created: datetime
) -> datetime:
    number, unit, plural = int(rate[1]), rate[2], rate[3]
    if number == 0 or (number == 1) == bool(plural):
        raise SandboxError(f"{expression!r}: write rate(1 {unit}) or rate(2 {unit}s)")
    period = timedelta(**{f"{unit}s": number})
    periods = max((moment - created) // period, 0) + 1
    return created + periods * period


class Scheduler:
    """Fires scheduled rules in time order.

    Args:
        clock: The virtual clock; moved by ``advance_to``.
        buses: Where events are sent from.
        settle: Waits until nothing runs that an earlier event started.
    """

    def __init__(
        self, clock: VirtualClock, buses: EventBuses, settle: Callable[[float], None]
    ) -> None:
        self._clock = clock
        self._buses = buses
        self._settle = settle
        self._done_until = clock.now()
        self._created: dict[str, tuple[str, datetime]] = {}
        # One moves time, which may take minutes; the other guards what is remembered.
        self._moving = threading.Lock()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def rule_written(self, rule_arn: str, expression: str) -> None:
        """Remember when a scheduled rule was written; the same expression keeps its time."""
        with self._lock:
            if self._created.get(rule_arn, ("",))[0] != expression:
                self._created[rule_arn] = (expression, self._clock.now())

    def upcoming(self) -> list[Due]:
        """Return the next firing of every enabled scheduled rule, soonest first."""
        found = [due for rule in self._rules() if (due := self._next(rule)) is not None]
        return sorted(found, key=lambda due: (due.at, due.rule.arn))

    def advance_to(
        self, moment: datetime, *, settle_seconds: float | None = None
    ) -> list[Document]:
        """Move the clock to a moment, firing what falls due on the way at its own time.

        Args:
            moment: Where the clock shall stand.
            settle_seconds: After each due time wait at most so long until everything that
                it started is done, before time moves on; ``None`` does not wait.

        Returns:
            What fired: rule ARN and due time, in order.

        Raises:
            SandboxError: The moment has passed already or is after the last that schedules know,
                or work did not finish in time.
        """
        if moment < self._clock.now():
            raise SandboxError(
                f"the virtual time is {iso(self._clock.now())}, later than {iso(moment)}: "
                "the clock does not go back"
            )
        if moment > LAST_MOMENT:
            raise SandboxError(f"{iso(moment)} is too late: the clock ends at {iso(LAST_MOMENT)}")
        with self._moving:
            fired = self._fire_until(moment, settle_seconds)
            self._clock.move_to(moment)
            self._done_until = max(self._done_until, moment)
        return fired

    def start(self) -> None:
        """Fire rules as real time passes, from a thread of its own."""
        self._thread = threading.Thread(target=self._tick, name="scheduler", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop the thread."""
        self._stop.set()
        if self._thread:
            self._thread.join()

    def _tick(self) -> None:
        while not self._stop.wait(_TICK_SECONDS):
            # While advance_to holds the lock, it does this work.
            if self._moving.acquire(blocking=False):
                try:
                    self._fire_until(self._clock.now(), None)
                except Exception:  # one bad rule must not stop all schedules; logged
                    _LOG.exception("schedules could not be fired")
                finally:
                    self._moving.release()

    def _fire_until(self, moment: datetime, settle_seconds: float | None) -> list[Document]:
        fired: list[Document] = []
        while True:
            due_now = [due for due in self.upcoming() if due.at <= moment]
            if not due_now:
                self._done_until = max(self._done_until, moment)
                return fired
            at = due_now[0].at
            self._clock.move_to(at)
            self._done_until = at
            for due in due_now:
                if due.at == at:
                    self._fire(due)
                    fired.append({"rule": due.rule.arn, "at": iso(at)})
            if settle_seconds is not None:
                self._settle(settle_seconds)

    def _fire(self, due: Due) -> None:
        rule = due.rule
        event = self._buses.envelope(
            rule.account_id,
            rule.region_name,
            {
                "source": "aws.events",
                "detail-type": "Scheduled Event",
                "time": due.at,
                "resources": [rule.arn],
                "detail": {},
            },
        )
        self._buses.send_to_targets(rule, event)

    def _rules(self) -> list[Any]:
        return [
            rule
            for account in list(events_backends.values())
            for backend in list(account.values())
            for rule in list(backend.event_buses["default"].rules.values())
            if rule.scheduled_expression and rule.state != "DISABLED"
        ]

    def _next(self, rule: Any) -> Due | None:
        expression = rule.scheduled_expression
        with self._lock:
            known = self._created.setdefault(rule.arn, (expression, self._clock.now()))
        after = max(known[1], self._done_until)
        at = next_after(expression, after, known[1])
        return Due(at, rule) if at else None
