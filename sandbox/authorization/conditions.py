"""IAM condition blocks.

Pure. Semantics:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import fnmatch
import operator
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Context = dict[str, str | None]
"""Condition keys in lower case; ``None`` for a key that this request does not carry."""


class UnknownConditionError(Exception):
    """A policy uses a condition operator or key that the sandbox does not evaluate."""


def wildcard_match(pattern: str, value: str) -> bool:
    """Match ``*`` and ``?`` as IAM does: case-sensitive, no character classes."""
    escaped = pattern.replace("[", "[[]")
    return re.fullmatch(fnmatch.translate(escaped), value, re.DOTALL) is not None


def arn_match(pattern: str, value: str) -> bool:
    """Match ARNs part by part: a ``*`` does not reach over a colon of the first five."""
    patterns, values = pattern.split(":", 5), value.split(":", 5)
    if len(patterns) != len(values):
        return pattern == "*"
    return all(wildcard_match(p, v) for p, v in zip(patterns, values, strict=True))


def _numeric(compare: Callable[[float, float], bool]) -> Callable[[str, str], bool]:
    return lambda expected, actual: compare(float(actual), float(expected))


def _equal(expected: str, actual: str) -> bool:
    return expected == actual


def _equal_ignore_case(expected: str, actual: str) -> bool:
    return expected.lower() == actual.lower()


_POSITIVE: Mapping[str, Callable[[str, str], bool]] = {
    "StringEquals": _equal,
    "StringEqualsIgnoreCase": _equal_ignore_case,
    "StringLike": wildcard_match,
    "ArnEquals": arn_match,
    "ArnLike": arn_match,
    "Bool": _equal_ignore_case,
    "NumericEquals": _numeric(operator.eq),
    "NumericLessThan": _numeric(operator.lt),
    "NumericLessThanEquals": _numeric(operator.le),
    "NumericGreaterThan": _numeric(operator.gt),
    "NumericGreaterThanEquals": _numeric(operator.ge),
}
_NEGATIVE: Mapping[str, Callable[[str, str], bool]] = {
    "StringNotEquals": _equal,
    "StringNotEqualsIgnoreCase": _equal_ignore_case,
    "StringNotLike": wildcard_match,
    "ArnNotEquals": arn_match,
    "ArnNotLike": arn_match,
    "NumericNotEquals": _numeric(operator.eq),
}


def holds(block: Mapping[str, Mapping[str, object]], context: Context) -> bool:
    """Return whether every condition of a block holds.

    Args:
        block: A statement's ``Condition``.
        context: Every key that is known for this kind of request.

    Raises:
        UnknownConditionError: An operator or a key that is not evaluated here.
    """
    return all(
        _condition(name, key, values_of(expected), context)
        for name, keys in block.items()
        for key, expected in keys.items()
    )


def values_of(value: object) -> list[str]:
    """Return a policy element that may be one value or a list, as a list of strings."""
    items = value if isinstance(value, list) else [value]
    return [str(item).lower() if isinstance(item, bool) else str(item) for item in items]


def _condition(name: str, key: str, expected: list[str], context: Context) -> bool:
    if key.lower() not in context:
        raise UnknownConditionError(f"condition key {key}")
    actual = context[key.lower()]
    if name == "Null":
        return all((item == "true") == (actual is None) for item in expected)
    base, if_exists = name.removesuffix("IfExists"), name.endswith("IfExists")
    if base in _POSITIVE:
        if actual is None:
            return if_exists
        return any(_POSITIVE[base](item, actual) for item in expected)
    if base in _NEGATIVE:
        return actual is None or not any(_NEGATIVE[base](item, actual) for item in expected)
    raise UnknownConditionError(f"condition operator {name}")
