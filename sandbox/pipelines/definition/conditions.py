"""Conditions of a condition step: checked in a definition, evaluated in an execution.

Reads, writes and calls nothing.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

from sandbox.pipelines.errors import ExpressionError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.model import Document

_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "Equals": operator.eq,
    "GreaterThan": operator.gt,
    "GreaterThanOrEqualTo": operator.ge,
    "LessThan": operator.lt,
    "LessThanOrEqualTo": operator.le,
}
_MEMBERS = {
    **dict.fromkeys(_COMPARISONS, ("LeftValue", "RightValue")),
    "In": ("QueryValue", "Values"),
    "Not": ("Condition",),
    "Or": ("Conditions",),
}


def condition_problems(condition: object) -> Iterator[str]:
    """Yield what is wrong with the form of a condition."""
    kind = condition.get("Type") if isinstance(condition, dict) else None
    if not isinstance(condition, dict) or kind not in _MEMBERS:
        yield f"unknown condition Type '{kind}'; known are {', '.join(_MEMBERS)}"
        return
    for member in _MEMBERS[kind]:
        if member not in condition:
            yield f"condition {kind} has no {member}"
    if kind == "Not" and "Condition" in condition:
        yield from condition_problems(condition["Condition"])
    if kind == "Or":
        for nested in condition.get("Conditions") or []:
            yield from condition_problems(nested)


def holds(condition: Document) -> bool:
    """Evaluate a condition whose values are resolved.

    Raises:
        ExpressionError: The two values cannot be compared.
    """
    kind = condition["Type"]
    if kind == "Not":
        return not holds(condition["Condition"])
    if kind == "Or":
        return any(holds(nested) for nested in condition["Conditions"])
    if kind == "In":
        return any(_equal(condition["QueryValue"], value) for value in condition["Values"])
    return _compare(kind, condition["LeftValue"], condition["RightValue"])


def _compare(kind: str, left: object, right: object) -> bool:
    if kind == "Equals":
        return _equal(left, right)
    numbers = _is_number(left) and _is_number(right)
    if not numbers and not (isinstance(left, str) and isinstance(right, str)):
        raise ExpressionError(
            f"Condition {kind} cannot compare {left!r} with {right!r}: both must be numbers or "
            "both strings"
        )
    return bool(_COMPARISONS[kind](left, right))


def _equal(left: object, right: object) -> bool:
    # Python holds True == 1; JSON does not.
    return isinstance(left, bool) == isinstance(right, bool) and left == right


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
