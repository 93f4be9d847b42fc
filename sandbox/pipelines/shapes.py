"""Checks documents against botocore's shapes of the SageMaker API.

Reads botocore's service model once; writes and calls nothing else.

The same walk checks requests (AWS's "1 validation error detected" wording) and the Arguments of
pipeline steps, where any value may be an expression that is resolved later. Members that the
model does not know are refused: SageMaker ignores them in a request, which hides typing errors.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Protocol

from sandbox.pipelines.errors import validation

Skip = Callable[[object], bool]
_NUMBERS = {"integer": int, "long": int, "float": (int, float), "double": (int, float)}


class Shape(Protocol):
    """What this module uses of a botocore shape."""

    type_name: str
    metadata: Mapping[str, Any]


@functools.cache
def service_model() -> Any:
    """Return botocore's model of SageMaker."""
    import botocore.session

    return botocore.session.get_session().get_service_model("sagemaker")


@functools.cache
def input_shape(operation: str) -> Any:
    """Return the shape of an operation's request."""
    return service_model().operation_model(operation).input_shape


@functools.cache
def output_shape(operation: str) -> Any:
    """Return the shape of an operation's response."""
    return service_model().operation_model(operation).output_shape


def check_request(operation: str, request: Mapping[str, Any]) -> None:
    """Check a request.

    Raises:
        ServiceError: ``ValidationException`` listing every problem.
    """
    problems = list(problems_of(request, input_shape(operation), "", _never))
    if problems:
        noun = "error" if len(problems) == 1 else "errors"
        raise validation(f"{len(problems)} validation {noun} detected: {'; '.join(problems)}")


def problems_of(
    value: object, shape: Any, path: str, skip: Skip, optional: frozenset[str] = frozenset()
) -> Iterator[str]:
    """Yield each way in which a value does not fit a shape.

    Args:
        value: Decoded JSON.
        shape: botocore's shape.
        path: Where the value stands, for the messages.
        skip: Tells values that are not to be checked, such as expressions.
        optional: Required members of the top structure that may be missing.
    """
    if skip(value):
        return
    match shape.type_name:
        case "structure":
            yield from _structure(value, shape, path, skip, optional)
        case "list":
            yield from _list(value, shape, path, skip)
        case "map":
            yield from _map(value, shape, path, skip)
        case _:
            yield from _scalar(value, shape, path)


def _never(_value: object) -> bool:
    return False


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _structure(
    value: object, shape: Any, path: str, skip: Skip, optional: frozenset[str]
) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield f"'{path}' must be an object, not {_kind(value)}"
        return
    for name in shape.required_members:
        if value.get(name) is None and name not in optional:
            yield (
                f"Value null at '{_join(path, name)}' failed to satisfy constraint: "
                "Member must not be null"
            )
    for name, member in value.items():
        if name not in shape.members:
            yield f"Unknown member '{_join(path, str(name))}'"
        elif member is not None:
            yield from problems_of(member, shape.members[name], _join(path, name), skip)


def _list(value: object, shape: Any, path: str, skip: Skip) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"'{path}' must be a list, not {_kind(value)}"
        return
    yield from _limits(len(value), value, shape, path, "length")
    for index, item in enumerate(value):
        yield from problems_of(item, shape.member, f"{path}.{index + 1}.member", skip)


def _map(value: object, shape: Any, path: str, skip: Skip) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield f"'{path}' must be an object, not {_kind(value)}"
        return
    for key, item in value.items():
        yield from problems_of(item, shape.value, f"{path}.{key}", skip)


def _scalar(value: object, shape: Any, path: str) -> Iterator[str]:
    kind = shape.type_name
    if kind in _NUMBERS:
        if isinstance(value, bool) or not isinstance(value, _NUMBERS[kind]):  # type: ignore[arg-type]
            yield f"'{path}' must be of type {kind}, not {_kind(value)}"
        elif isinstance(value, int | float):
            yield from _limits(value, value, shape, path, "value")
    elif kind == "boolean":
        if not isinstance(value, bool):
            yield f"'{path}' must be of type boolean, not {_kind(value)}"
    elif kind == "string":
        yield from _string(value, shape, path)
    elif kind == "timestamp" and not isinstance(value, int | float | str | datetime):
        yield f"'{path}' must be a timestamp, not {_kind(value)}"


def _string(value: object, shape: Any, path: str) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"'{path}' must be of type string, not {_kind(value)}"
        return
    yield from _limits(len(value), value, shape, path, "length")
    allowed = shape.metadata.get("enum")
    if allowed and value not in allowed:
        yield _constraint(value, path, f"satisfy enum value set: [{', '.join(allowed)}]")
    pattern = shape.metadata.get("pattern")
    if pattern and not _matches(pattern, value):
        yield _constraint(value, path, f"satisfy regular expression pattern: {pattern}")


def _limits(size: float, value: object, shape: Any, path: str, what: str) -> Iterator[str]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    have = "have length" if what == "length" else "have value"
    if low is not None and size < low:
        yield _constraint(value, path, f"{have} greater than or equal to {low}")
    if high is not None and size > high:
        yield _constraint(value, path, f"{have} less than or equal to {high}")


def _constraint(value: object, path: str, rule: str) -> str:
    shown = str(value)[:80]
    return f"Value '{shown}' at '{path}' failed to satisfy constraint: Member must {rule}"


def _matches(pattern: str, value: str) -> bool:
    compiled = _compile(pattern)
    return compiled is None or compiled.fullmatch(value) is not None


@functools.cache
def _compile(pattern: str) -> re.Pattern[str] | None:
    try:
        return re.compile(pattern)
    except re.error:  # a construct of Java's dialect that Python has not: left unchecked
        return None


def _kind(value: object) -> str:
    return {type(None): "null", bool: "boolean", int: "integer", float: "float"}.get(
        type(value), "object" if isinstance(value, Mapping) else type(value).__name__
    )
