"""Event patterns: checking one when a rule is written, matching one against an event.

Pure. Operators and their meaning:
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
moto's own matcher ignores fields inside lists of objects, takes ``true`` for 1 and lets
unknown operators match everything, so it is not used.
"""

from __future__ import annotations

import ipaddress
import json
import operator
import re
from typing import TYPE_CHECKING, Any

from sandbox.model import Document, ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable

_ABSENT = object()
_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    ">=": operator.ge,
    ">": operator.gt,
}
_TEXT_OPERATORS = ("prefix", "suffix", "equals-ignore-case", "wildcard")
_MINIMUM_ALTERNATIVES = 2


def parse_pattern(text: str) -> Document:
    """Return a rule's pattern.

    Raises:
        ServiceError: ``InvalidEventPatternException`` naming what is wrong and where.
    """
    try:
        pattern = json.loads(text)
    except json.JSONDecodeError as error:
        raise _invalid(f"not JSON: {error}") from error
    if not isinstance(pattern, dict) or not pattern:
        raise _invalid("it must be an object with at least one field")
    _check_object(pattern, "$")
    return pattern


def matches(pattern: Document, event: Document) -> bool:
    """Return whether an event matches a pattern that ``parse_pattern`` accepted."""
    return all(_field_matches(key, rule, event) for key, rule in pattern.items())


def _invalid(reason: str) -> ServiceError:
    return ServiceError(
        "InvalidEventPatternException", f"Event pattern is not valid. Reason: {reason}"
    )


def _check_object(pattern: Document, path: str) -> None:
    for key, rule in pattern.items():
        where = f"{path}.{key}"
        if key == "$or":
            _check_alternatives(rule, where)
        elif isinstance(rule, dict) and rule:
            _check_object(rule, where)
        elif isinstance(rule, list) and rule:
            for item in rule:
                _check_leaf(item, where)
        else:
            raise _invalid(f"{where} must be an object or an array with at least one value")


def _check_alternatives(rule: Any, where: str) -> None:
    if not isinstance(rule, list) or len(rule) < _MINIMUM_ALTERNATIVES:
        raise _invalid(f"{where} must be an array of at least two objects")
    for item in rule:
        if not isinstance(item, dict):
            raise _invalid(f"{where} must be an array of at least two objects")
        _check_object(item, where)


def _check_leaf(item: Any, where: str) -> None:
    if not isinstance(item, (dict, list)):
        return
    if not isinstance(item, dict) or len(item) != 1:
        raise _invalid(f"{where} holds {json.dumps(item)}: give a value or one operator")
    name, argument = next(iter(item.items()))
    if not _argument_is_valid(name, argument):
        raise _invalid(f"{where} holds {json.dumps(item)}: unknown operator or argument")


def _argument_is_valid(name: str, argument: Any) -> bool:
    if name in {"prefix", "suffix"} and isinstance(argument, dict):
        return list(argument) == ["equals-ignore-case"] and all(map(_is_text, argument.values()))
    if name in _TEXT_OPERATORS:
        return isinstance(argument, str) and not (name == "wildcard" and "**" in argument)
    if name == "exists":
        return isinstance(argument, bool)
    if name == "cidr":
        return _is_network(argument)
    if name == "numeric":
        return _is_comparison(argument)
    return name == "anything-but" and _is_exclusion(argument)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_network(value: Any) -> bool:
    try:
        ipaddress.ip_network(value, strict=False)
    except (ValueError, TypeError):
        return False
    return True


def _is_comparison(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) in {2, 4}
        and all(item in _COMPARISONS for item in value[::2])
        and all(_is_number(item) for item in value[1::2])
    )


def _is_exclusion(value: Any) -> bool:
    if isinstance(value, dict):
        name, argument = next(iter(value.items()), ("", None))
        items = argument if isinstance(argument, list) else [argument]
        return len(value) == 1 and name in _TEXT_OPERATORS and all(map(_is_text, items))
    items = value if isinstance(value, list) else [value]
    return bool(items) and all(_is_text(item) or _is_number(item) for item in items)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _field_matches(key: str, rule: Any, event: Document) -> bool:
    if key == "$or":
        return any(matches(alternative, event) for alternative in rule)
    value = event.get(key, _ABSENT)
    if isinstance(rule, dict):
        if isinstance(value, list):
            return any(matches(rule, item) for item in value if isinstance(item, dict))
        return matches(rule, value if isinstance(value, dict) else {})
    values = [] if value is _ABSENT or isinstance(value, dict) else _flatten(value)
    return any(_leaf_matches(item, values) for item in rule)


def _flatten(value: Any) -> list[Any]:
    if isinstance(value, list):
        return [leaf for item in value for leaf in _flatten(item)]
    return [value]


def _leaf_matches(item: Any, values: list[Any]) -> bool:
    if not isinstance(item, dict):
        return any(_same(item, value) for value in values)
    name, argument = next(iter(item.items()))
    if name == "exists":
        return bool(values) is bool(argument)
    return any(_operator_matches(name, argument, value) for value in values)


def _same(expected: Any, value: Any) -> bool:
    if _is_number(expected) and _is_number(value):
        return bool(expected == value)
    return type(expected) is type(value) and bool(expected == value)


def _operator_matches(name: str, argument: Any, value: Any) -> bool:
    if name == "anything-but":
        return _excludes(argument, value)
    if name == "numeric":
        pairs = zip(argument[::2], argument[1::2], strict=True)
        return _is_number(value) and all(_COMPARISONS[sign](value, n) for sign, n in pairs)
    if name == "cidr":
        return _in_network(argument, value)
    return isinstance(value, str) and _text_matches(name, argument, value)


def _excludes(argument: Any, value: Any) -> bool:
    if isinstance(argument, dict):
        name, texts = next(iter(argument.items()))
        texts = texts if isinstance(texts, list) else [texts]
        return not any(_operator_matches(name, text, value) for text in texts)
    items = argument if isinstance(argument, list) else [argument]
    return not any(_same(item, value) for item in items)


def _in_network(network: str, value: Any) -> bool:
    try:
        return ipaddress.ip_address(value) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False


def _text_matches(name: str, argument: Any, value: str) -> bool:
    if isinstance(argument, dict):
        return _text_matches(name, argument["equals-ignore-case"].lower(), value.lower())
    if name == "prefix":
        return value.startswith(str(argument))
    if name == "suffix":
        return value.endswith(str(argument))
    if name == "equals-ignore-case":
        return value.lower() == str(argument).lower()
    return re.fullmatch(_wildcard_expression(argument), value, re.DOTALL) is not None


def _wildcard_expression(wildcard: str) -> str:
    """Translate ``*`` (any characters), ``\\*`` and ``\\\\`` (the characters themselves)."""
    pieces = re.findall(r"\\[*\\]|.", wildcard, re.DOTALL)
    return "".join(".*" if piece == "*" else re.escape(piece[-1]) for piece in pieces)
