"""Sorting, filtering and paging of SageMaker's List operations.

Pure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.model import Document, ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

_DEFAULT_PAGE = 10
_MAXIMUM_PAGE = 100


def page(
    items: Iterable[Document],
    parameters: Document,
    *,
    name: str,
    keep: Callable[[Document], bool] = lambda _: True,
) -> tuple[list[Document], str | None]:
    """Return one page and the token of the next.

    The filters are applied to the page, not to the list: on AWS too a page may be shorter
    than ``MaxResults``, even empty, and still have a successor.

    Args:
        items: All items, with ``CreationTime``.
        parameters: Of the List operation: SortBy, SortOrder, MaxResults, NextToken,
            NameContains, CreationTimeAfter, CreationTimeBefore.
        name: Member to sort and filter by name.
        keep: Further filter.

    Raises:
        ServiceError: ``ValidationException`` for a token or size that is not valid.
    """
    by_name = parameters.get("SortBy") == "Name"
    ordered = sorted(items, key=lambda item: (item[name] if by_name else "", item["CreationTime"]))
    if parameters.get("SortOrder", "Ascending") == "Descending":
        ordered.reverse()
    start, size = _start(parameters), _size(parameters)
    window = ordered[start : start + size]
    token = str(start + size) if start + size < len(ordered) else None
    return [item for item in window if keep(item) and _wanted(item, parameters, name)], token


def _start(parameters: Document) -> int:
    token = parameters.get("NextToken")
    if token in (None, ""):
        return 0
    if not str(token).isdigit():
        raise ServiceError("ValidationException", f"NextToken {token!r} is not valid")
    return int(str(token))


def _size(parameters: Document) -> int:
    size = parameters.get("MaxResults", _DEFAULT_PAGE)
    if not isinstance(size, int) or not 1 <= size <= _MAXIMUM_PAGE:
        raise ServiceError(
            "ValidationException", f"MaxResults {size!r} is not from 1 to {_MAXIMUM_PAGE}"
        )
    return size


def _wanted(item: Document, parameters: Document, name: str) -> bool:
    created: datetime = item["CreationTime"]
    after, before = parameters.get("CreationTimeAfter"), parameters.get("CreationTimeBefore")
    return (
        str(parameters.get("NameContains") or "") in item[name]
        and (after is None or created.timestamp() > float(after))
        and (before is None or created.timestamp() < float(before))
    )
