"""Resolves the expressions of a definition to values of one execution.

Calls ``Scope`` for what is outside the definition: properties of steps and JSON files in S3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from sandbox.pipelines.definition.references import (
    Reference,
    is_expression,
    parse_path,
    parse_reference,
)
from sandbox.pipelines.errors import ExpressionError

if TYPE_CHECKING:
    from collections.abc import Mapping


class Scope(Protocol):
    """Where values of references come from."""

    def parameter(self, name: str) -> object:
        """Return a parameter's value."""
        ...

    def variable(self, name: str) -> object:
        """Return an execution variable's value."""
        ...

    def properties(self, step: str) -> Mapping[str, Any]:
        """Return the properties of a step that has succeeded.

        Raises:
            ExpressionError: The step has none in this execution.
        """
        ...

    def property_file(self, step: str, name: str) -> object:
        """Return the JSON document of a step's property file.

        Raises:
            ExpressionError: It is missing or not JSON.
        """
        ...

    def json_object(self, uri: str) -> object:
        """Return the JSON document at an S3 URI.

        Raises:
            ExpressionError: It is missing or not JSON.
        """
        ...


def resolve(value: object, scope: Scope) -> Any:
    """Return a value with every expression in it replaced; null members are left out.

    Raises:
        ExpressionError: A reference has no value.
    """
    if is_expression(value):
        return _expression(value, scope)  # type: ignore[arg-type]
    if isinstance(value, dict):
        return {key: resolve(item, scope) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [resolve(item, scope) for item in value]
    return value


def select(document: object, path: list[str | int], what: str) -> Any:
    """Follow a path into a document.

    Args:
        document: Decoded JSON. A name on a list picks the item of that OutputName.
        path: Names and positions.
        what: The expression, for the message.

    Raises:
        ExpressionError: The path leads nowhere.
    """
    for part in path:
        try:
            document = _step_into(document, part)
        except (KeyError, IndexError, TypeError):
            raise ExpressionError(f"{what} has no value: '{part}' is missing") from None
    return document


def text_of(value: object) -> str:
    """Return the text of a value inside a join: JSON's for booleans, Python's for numbers."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _step_into(document: Any, part: str | int) -> Any:
    if isinstance(document, list) and isinstance(part, str):
        document = {item.get("OutputName"): item for item in document}
    return document[part]


def _expression(value: dict[str, Any], scope: Scope) -> Any:
    kind, body = next(iter(value.items()))
    if kind == "Get":
        return _get(parse_reference(body), scope)
    if kind == "Std:Join":
        parts = [text_of(resolve(item, scope)) for item in body.get("Values") or []]
        return str(body.get("On", "")).join(parts)
    return _json_get(body, scope)


def _get(reference: Reference, scope: Scope) -> Any:
    if reference.kind == "Parameters":
        return scope.parameter(reference.name)
    if reference.kind == "Execution":
        return scope.variable(reference.name)
    if reference.path and reference.path[0] == "PropertyFiles":
        return scope.property_file(reference.name, str(reference.path[1]))
    return select(scope.properties(reference.name), list(reference.path), f"'{reference.text}'")


def _json_get(body: dict[str, Any], scope: Scope) -> Any:
    path = parse_path(str(body["Path"]).removeprefix("$"))
    if "PropertyFile" in body:
        reference = parse_reference(body["PropertyFile"]["Get"])
        name = str(reference.path[1])
        document = scope.property_file(reference.name, name)
        what = f"JsonGet '{body['Path']}' of property file '{name}' of step '{reference.name}'"
    else:
        uri = str(resolve(body["S3Uri"], scope))
        document = scope.json_object(uri)
        what = f"JsonGet '{body['Path']}' of {uri}"
    return select(document, path, what)
