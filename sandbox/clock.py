"""The virtual clock: real time plus an offset that only grows.

Calls nothing. Firing what falls due while the clock moves is ``sandbox.events.schedule``'s
work.
"""

from __future__ import annotations

import re
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sandbox.model import SandboxError

if TYPE_CHECKING:
    from collections.abc import Callable

_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_DURATION = re.compile(r"(\d+)([dhms])")
# The last year that a schedule can name:
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cron-expressions.html
LAST_MOMENT = datetime(2199, 12, 31, 23, 59, 59, tzinfo=UTC)
_LONGEST = timedelta(days=200 * 365)


class VirtualClock:
    """Time that moves with real time and can be moved forward.

    Args:
        real_now: Source of real time, an aware UTC datetime.
    """

    def __init__(self, real_now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._real_now = real_now
        self._offset = timedelta()
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """Return the virtual time as an aware UTC datetime."""
        return self._real_now() + self._offset

    @property
    def offset_seconds(self) -> float:
        """How far the virtual time is ahead of real time."""
        return self._offset.total_seconds()

    def move_to(self, moment: datetime) -> None:
        """Move forward to ``moment``; a moment that has passed leaves the clock alone."""
        with self._lock:
            ahead = moment - self.now()
            if ahead > timedelta():
                self._offset += ahead


def parse_duration(text: str) -> timedelta:
    """Read ``1d``, ``2h``, ``30m``, ``45s`` or a sequence of them such as ``1d12h``.

    Raises:
        SandboxError: Anything else, a duration of nothing, and one of centuries.
    """
    if re.fullmatch(f"(?:{_DURATION.pattern})+", text):
        parts = _DURATION.findall(text)
        try:
            duration = sum((timedelta(**{_UNITS[u]: int(n)}) for n, u in parts), timedelta())
        except OverflowError:
            duration = timedelta.max
        if duration > _LONGEST:
            raise SandboxError(f"{text!r} is too long: the clock ends at {iso(LAST_MOMENT)}")
        if duration > timedelta():
            return duration
    raise SandboxError(f"{text!r} is not a duration: write 1d, 2h, 30m, 45s or 1d12h")


def parse_moment(text: str) -> datetime:
    """Read an ISO 8601 time; one without an offset is taken as UTC.

    Raises:
        SandboxError: Not an ISO 8601 time.
    """
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise SandboxError(f"{text!r} is not a time: write 2026-11-21T06:00:00Z") from error


def iso(moment: datetime) -> str:
    """Return a time as AWS writes it in events: seconds, ``Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
