"""Filters, sorts and pages lists as SageMaker's List operations do.

Reads, writes and calls nothing. A NextToken is opaque to callers: base64 of the position.
"""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from sandbox.pipelines.errors import validation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sandbox.model import Document

Row = TypeVar("Row")


def page(rows: list[Row], request: Document, default_size: int) -> tuple[list[Row], Document]:
    """Cut one page.

    Returns:
        The page's rows and ``{"NextToken": …}``, empty on the last page.

    Raises:
        ServiceError: ``ValidationException`` for a token of another list.
    """
    start = _position(request.get("NextToken"))
    end = start + int(request.get("MaxResults") or default_size)
    token = {"NextToken": _token(end)} if end < len(rows) else {}
    return rows[start:end], token


def ordered(
    rows: Iterable[Row], request: Document, keys: dict[str, Callable[[Row], str]], default: str
) -> list[Row]:
    """Sort by SortBy and SortOrder (default: ``default``, Descending, as most lists have)."""
    key = keys[request.get("SortBy") or default]
    return sorted(rows, key=key, reverse=request.get("SortOrder", "Descending") == "Descending")


def within(moment: datetime, request: Document, field: str) -> bool:
    """Tell whether a time lies within ``{field}After`` and ``{field}Before`` of a request."""
    after, before = request.get(f"{field}After"), request.get(f"{field}Before")
    if after is not None and moment.timestamp() <= _seconds(after):
        return False
    return before is None or moment.timestamp() < _seconds(before)


def _seconds(value: object) -> float:
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, datetime):
        return value.timestamp()
    return datetime.fromisoformat(str(value).replace("Z", "+00:00")).timestamp()


def _token(position: int) -> str:
    return base64.urlsafe_b64encode(f"sandbox:{position}".encode()).decode()


def _position(token: str | None) -> int:
    if token is None:
        return 0
    try:
        label, _, number = base64.urlsafe_b64decode(token.encode()).decode().partition(":")
        if label == "sandbox":
            return int(number)
    except (ValueError, binascii.Error):
        pass
    raise validation(f"Invalid NextToken '{token[:40]}': use the token of the previous page")
