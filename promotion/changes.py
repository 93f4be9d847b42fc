"""How two JSON values differ, field by field. Pure.

Mappings are compared by key; lists whose entries have names by those names, so that an entry that
was put between others is one addition.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import JsonValue

# Keys by which the entries of a list are told apart, as SageMaker's request shapes and IAM's
# policies name them.
_IDENTITIES = (
    "Name",
    "InputName",
    "OutputName",
    "ChannelName",
    "Key",
    "ModelName",
    "ContainerHostname",
    "MetricName",
    "Sid",
)
_MISSING = object()


class Kind(StrEnum):
    """How two versions of something differ."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True)
class FieldChange:
    """One field of a step, a parameter, a definition or a resource.

    Attributes:
        path: where it is: keys joined by dots, list entries in brackets.
        kind: added, removed or changed.
        before: former value; None when it was added.
        after: new value; None when it is removed.
    """

    path: str
    kind: Kind
    before: JsonValue = None
    after: JsonValue = None


def diff_values(before: object, after: object) -> Iterator[FieldChange]:
    """Yield how two JSON values differ."""
    yield from _walk(before, after, "")


def diff_order(before: Sequence[str], after: Sequence[str], path: str) -> Iterator[FieldChange]:
    """Yield whether the names that both have stand in another order."""
    old = [name for name in before if name in after]
    new = [name for name in after if name in before]
    if old != new:
        yield FieldChange(f"order of {path}", Kind.CHANGED, before=list(old), after=list(new))


def same(before: object, after: object) -> bool:
    """Return whether two values are the same JSON (1, 1.0 and true are three values)."""
    return _canonical(before) == _canonical(after)


def is_keyed(entries: Any, key: str) -> bool:
    """Return whether a value is a list whose entries each have a text of their own under a key."""
    if not isinstance(entries, list):
        return False
    names = [entry.get(key) for entry in entries if isinstance(entry, Mapping)]
    named = [name for name in names if isinstance(name, str)]
    return len(named) == len(entries) == len(set(named))


def _walk(before: Any, after: Any, path: str) -> Iterator[FieldChange]:
    if before is _MISSING:
        yield FieldChange(path, Kind.ADDED, after=after)
    elif after is _MISSING:
        yield FieldChange(path, Kind.REMOVED, before=before)
    elif isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in sorted({*before, *after}):
            child = f"{path}.{key}" if path else str(key)
            yield from _walk(before.get(key, _MISSING), after.get(key, _MISSING), child)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _walk_lists(before, after, path)
    elif not same(before, after):
        yield FieldChange(path, Kind.CHANGED, before=before, after=after)


def _walk_lists(before: list[Any], after: list[Any], path: str) -> Iterator[FieldChange]:
    identity = next(
        (key for key in _IDENTITIES if is_keyed(before, key) and is_keyed(after, key)), ""
    )
    if identity and before and after:
        old = {entry[identity]: entry for entry in before}
        new = {entry[identity]: entry for entry in after}
        for name in [*new, *(name for name in old if name not in new)]:
            yield from _walk(old.get(name, _MISSING), new.get(name, _MISSING), f"{path}[{name}]")
        yield from diff_order(list(old), list(new), path)
    elif len(before) == len(after):
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _walk(one, other, f"{path}[{index}]")
    else:
        yield FieldChange(path, Kind.CHANGED, before=before, after=after)


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
