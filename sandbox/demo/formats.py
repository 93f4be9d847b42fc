"""Words for values on the report's page: times, numbers, statuses.

Pure: reads and writes nothing. Times are shown in UTC, whatever the machine's zone.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import Any

NOTHING = "—"
TONES = {
    **dict.fromkeys(("ok", "Succeeded", "Approved", "Completed"), "ok"),
    **dict.fromkeys(("failed", "Failed", "Rejected"), "failed"),
    **dict.fromkeys(("stopped", "Stopped", "Stopping"), "stopped"),
    **dict.fromkeys(("PendingManualApproval", "Executing", "Starting"), "waiting"),
    "NotExecuted": "skipped",
}
GLYPHS = {"ok": "✓", "failed": "✕", "stopped": "■", "waiting": "…", "skipped": "○", "info": "•"}
WORDS = {"PendingManualApproval": "Pending approval", "NotExecuted": "Not executed", "ok": "Done"}
METRICS = {"auc": "ROC AUC", "pr_auc": "PR AUC", "brier": "Brier score"}
UNPRINTABLE = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def printable(value: Any) -> Any:
    """Return a value as the page shows it: a dash for nothing, no terminal or control codes."""
    if value is None:
        return NOTHING
    return UNPRINTABLE.sub("", value) if type(value) is str else value


def duration(seconds: float | None) -> str:
    """Return a time span for people: `0.4 s`, `3 min 12 s`, `1 h 02 min`; a dash for none."""
    if seconds is None:
        return NOTHING
    if round(seconds, 1) < 60:  # noqa: PLR2004 - seconds a minute
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s"


def figure(value: float | None, digits: int = 3) -> str:
    """Return a number, thousands apart and fractions to `digits` decimals; a dash for none."""
    if value is None or not math.isfinite(value):
        return NOTHING
    return f"{value:,}" if isinstance(value, int) else f"{value:,.{digits}f}"


def share(value: float | None) -> str:
    """Return a fraction as percent; a dash for none."""
    return NOTHING if value is None else f"{100 * value:.1f} %"


def utc(at: str) -> datetime | None:
    """Return an ISO time, taken as UTC where it names no zone; None for anything else."""
    try:
        time = datetime.fromisoformat(at)
    except ValueError:
        return None
    return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)


def moment(at: str) -> str:
    """Return an ISO time as `2 Nov 2026, 06:00`; anything else unchanged."""
    time = utc(at)
    return f"{time.day} {time:%b %Y, %H:%M}" if time else at


def day(at: str) -> str:
    """Return the day of an ISO time as `Mon 2 Nov 2026`; anything else unchanged."""
    time = utc(at)
    return f"{time:%a} {time.day} {time:%b %Y}" if time else at


def clock(at: str) -> str:
    """Return the time of day of an ISO time as `06:00`; a dash for anything else."""
    time = utc(at)
    return f"{time:%H:%M}" if time else NOTHING


def tone(status: str) -> str:
    """Return the family of a status, which gives its colour and glyph."""
    return TONES.get(status, "info")


def word(status: str) -> str:
    """Return a status in words."""
    return WORDS.get(status, status[:1].upper() + status[1:])


def metric(name: str) -> str:
    """Return a metric's name in words."""
    return METRICS.get(name) or name.replace("_", " ").capitalize()
