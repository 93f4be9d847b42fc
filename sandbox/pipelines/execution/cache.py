"""Step caching: a step with the arguments of an earlier success takes over its result.

Reads and writes its own memory only. Source:
https://docs.aws.amazon.com/sagemaker/latest/dg/pipelines-caching.html
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.model import Document

_DURATION = re.compile(
    r"P?(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?",
    re.IGNORECASE,
)
_DAYS = {"years": 365, "months": 30, "weeks": 7, "days": 1}


@dataclass(frozen=True)
class CacheEntry:
    """The result of a step that succeeded."""

    execution_arn: str
    ended_at: datetime
    properties: Document
    metadata: Document


class StepCache:
    """Results by pipeline, step and resolved arguments; the newest success wins."""

    def __init__(self) -> None:
        self._entries: dict[str, CacheEntry] = {}
        self._lock = threading.Lock()

    def find(self, key: str, expire_after: str | None, now: datetime) -> CacheEntry | None:
        """Return an entry that is not older than an ISO 8601 duration."""
        with self._lock:
            entry = self._entries.get(key)
        if entry is None or expire_after is None:
            return entry
        return entry if now - entry.ended_at <= duration(expire_after) else None

    def keep(self, key: str, entry: CacheEntry) -> None:
        """Remember a success."""
        with self._lock:
            self._entries[key] = entry


def cache_key(pipeline_arn: str, step: str, step_type: str, arguments: Document) -> str:
    """Return the key of a step with its resolved arguments."""
    text = json.dumps([pipeline_arn, step, step_type, arguments], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def duration(text: str) -> timedelta:
    """Read an ISO 8601 duration such as ``P30d`` or ``T12H``; months are 30 days, years 365.

    Raises:
        ValueError: The text is not a duration.
    """
    match = _DURATION.fullmatch(text)
    values = {
        key: int(value) for key, value in (match.groupdict() if match else {}).items() if value
    }
    if not values:
        raise ValueError(f"'{text}' is not an ISO 8601 duration such as P30D or T12H")
    days = sum(values.pop(unit, 0) * count for unit, count in _DAYS.items())
    return timedelta(days=days, **values)
