"""How two pipeline definitions differ, by parameter, step and field. Pure.

A definition's JSON is compared as SageMaker reads it: two definitions differ exactly when their
canonical JSON (sorted keys) does. Steps inside the branches of a condition count as steps of
their own.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from promotion.changes import Kind, diff_order, diff_values, is_keyed
from promotion.plan.model import DefinitionDiff, ItemChange

_BRANCHES = ("IfSteps", "ElseSteps")


def diff_definitions(before: Mapping[str, Any], after: Mapping[str, Any]) -> DefinitionDiff:
    """Return how two definitions differ.

    Args:
        before: the definition in the account.
        after: the definition of the release.
    """
    parts = [_split(definition) for definition in (before, after)]
    if parts[0] is None or parts[1] is None:
        return DefinitionDiff(other=tuple(diff_values(before, after)))
    (old_parameters, old_steps, old_rest), (parameters, steps, rest) = parts[0], parts[1]
    return DefinitionDiff(
        parameters=_items(old_parameters, parameters),
        steps=_items(old_steps, steps),
        other=(
            *diff_values(old_rest, rest),
            *diff_order(list(old_parameters), list(parameters), "Parameters"),
            *diff_order(list(old_steps), list(steps), "Steps"),
        ),
    )


_Items = dict[str, dict[str, Any]]


def _split(definition: Mapping[str, Any]) -> tuple[_Items, _Items, dict[str, Any]] | None:
    """Return parameters and steps by name and the rest, or None for an unusual shape."""
    parameters = definition.get("Parameters", [])
    steps = list(_flat(definition.get("Steps", []), ""))
    if not is_keyed(parameters, "Name") or not is_keyed(steps, "Name"):
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
    fields = tuple(diff_values(old, new))
    return ItemChange(name, Kind.CHANGED, type_, fields) if fields else None
