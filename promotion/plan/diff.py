"""How two pipeline definitions differ, by parameter, step and field. Pure.

A definition's JSON is compared as SageMaker reads it: two definitions differ exactly when their
canonical JSON (sorted keys) does. Steps inside the branches of a condition count as steps of
their own.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from promotion.plan.model import DefinitionDiff, FieldChange, ItemChange, Kind

# Keys by which the entries of a list are told apart, as SageMaker's request shapes name them.
_IDENTITIES = (
    "Name",
    "InputName",
    "OutputName",
    "ChannelName",
    "Key",
    "ModelName",
    "ContainerHostname",
    "MetricName",
)
_BRANCHES = ("IfSteps", "ElseSteps")
_MISSING = object()


def diff_definitions(before: Mapping[str, Any], after: Mapping[str, Any]) -> DefinitionDiff:
    """Return how two definitions differ.

    Args:
        before: the definition in the account.
        after: the definition of the release.
    """
    parts = [_split(definition) for definition in (before, after)]
    if parts[0] is None or parts[1] is None:
        return DefinitionDiff(other=tuple(_walk(before, after, "")))
    (old_parameters, old_steps, old_rest), (parameters, steps, rest) = parts[0], parts[1]
    return DefinitionDiff(
        parameters=_items(old_parameters, parameters),
        steps=_items(old_steps, steps),
        other=(
            *_walk(old_rest, rest, ""),
            *_order(list(old_parameters), list(parameters), "Parameters"),
            *_order(list(old_steps), list(steps), "Steps"),
        ),
    )


def diff_mappings(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[FieldChange, ...]:
    """Return how two mappings differ, by key."""
    return tuple(_walk(before, after, ""))


def same(before: object, after: object) -> bool:
    """Return whether two values are the same JSON (1, 1.0 and true are three values)."""
    return _canonical(before) == _canonical(after)


_Items = dict[str, dict[str, Any]]


def _split(definition: Mapping[str, Any]) -> tuple[_Items, _Items, dict[str, Any]] | None:
    """Return parameters and steps by name and the rest, or None for an unusual shape."""
    parameters = definition.get("Parameters", [])
    steps = list(_flat(definition.get("Steps", []), ""))
    if not _keyed(parameters, "Name") or not _keyed(steps, "Name"):
        return None
    rest = {key: value for key, value in definition.items() if key not in {"Parameters", "Steps"}}
    # An empty list and no list at all are different JSON.
    rest |= {key: [] for key in ("Parameters", "Steps") if definition.get(key) == []}
    return (
        {item["Name"]: dict(item) for item in parameters},
        {step["Name"]: step for step in steps},
        rest,
    )


def _flat(steps: Any, branch: str) -> Iterator[dict[str, Any]]:
    if not isinstance(steps, list):
        yield {}
        return
    for step in steps:
        arguments = step.get("Arguments") if isinstance(step, dict) else None
        if not isinstance(arguments, dict) or step.get("Type") != "Condition":
            yield {**step, "Branch": branch} if isinstance(step, dict) else {}
            continue
        own = {key: value for key, value in arguments.items() if key not in _BRANCHES}
        given = [key for key in _BRANCHES if key in arguments]
        yield {**step, "Arguments": own, "Branch": branch, "Branches": given}
        for key in given:
            yield from _flat(arguments[key], f"{step.get('Name')}.{key}")


def _items(before: _Items, after: _Items) -> tuple[ItemChange, ...]:
    names = [*after, *(name for name in before if name not in after)]
    return tuple(change for name in names if (change := _item(name, before, after)))


def _item(name: str, before: _Items, after: _Items) -> ItemChange | None:
    old, new = before.get(name), after.get(name)
    type_ = str((new or old or {}).get("Type", ""))
    if old is None:
        return ItemChange(name, Kind.ADDED, type_)
    if new is None:
        return ItemChange(name, Kind.REMOVED, type_)
    fields = tuple(_walk(old, new, ""))
    return ItemChange(name, Kind.CHANGED, type_, fields) if fields else None


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
    identity = next((key for key in _IDENTITIES if _keyed(before, key) and _keyed(after, key)), "")
    if identity and before and after:
        old = {entry[identity]: entry for entry in before}
        new = {entry[identity]: entry for entry in after}
        for name in [*new, *(name for name in old if name not in new)]:
            yield from _walk(old.get(name, _MISSING), new.get(name, _MISSING), f"{path}[{name}]")
        yield from _order(list(old), list(new), path)
    elif len(before) == len(after):
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _walk(one, other, f"{path}[{index}]")
    else:
        yield FieldChange(path, Kind.CHANGED, before=before, after=after)


def _order(before: Sequence[str], after: Sequence[str], path: str) -> Iterator[FieldChange]:
    old = [name for name in before if name in after]
    new = [name for name in after if name in before]
    if old != new:
        yield FieldChange(f"order of {path}", Kind.CHANGED, before=list(old), after=list(new))


def _keyed(entries: Any, key: str) -> bool:
    if not isinstance(entries, list):
        return False
    names = [entry.get(key) for entry in entries if isinstance(entry, Mapping)]
    named = [name for name in names if isinstance(name, str)]
    return len(named) == len(entries) == len(set(named))


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
