"""Times as the ledger writes them. Reads, writes and calls nothing. Standard library only."""

import re
from datetime import UTC, datetime

# A fixed width, so that texts sort as the times do.
FORM = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z")


def timestamp(moment: datetime) -> str:
    """Return an aware time as UTC with microseconds, such as `2026-01-02T06:00:00.000000Z`."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"


def is_timestamp(text: str) -> bool:
    """Return whether a text is a time as `timestamp` writes it."""
    if not FORM.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
