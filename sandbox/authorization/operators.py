"""IAM's condition operators: how one value of the policy is compared with one of the request.

Pure. Semantics:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import base64
import binascii
import operator
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any

from sandbox.authorization.condition_keys import KeyType
from sandbox.authorization.patterns import arn_like, like, plain

if TYPE_CHECKING:
    from collections.abc import Callable
    from ipaddress import IPv4Network, IPv6Network

_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_YEAR, _MONTH = re.compile(r"\d{4}"), re.compile(r"\d{4}-\d{2}")
_ANY_TYPE: frozenset[KeyType] = frozenset(
    ("String", "ARN", "Bool", "Numeric", "Date", "Epoch", "IPAddress", "Binary")
)


@dataclass(frozen=True)
class Operator:
    """A condition operator without its ``IfExists`` and set prefixes.

    Attributes:
        types: Types of keys that it fits.
        matches: Compares the policy's value (a pattern, for text operators) with the
            request's; ``ValueError`` when either cannot be read as the operator's type.
        read: Reads the policy's value, to refuse a wrong one when the policy is parsed.
        negated: Whether the operator asks for the opposite.
        text: Whether variables and wildcards mean something in the policy's value.
    """

    types: frozenset[KeyType]
    matches: Callable[[str, str], bool]
    read: Callable[[str], object] = str
    negated: bool = False
    text: bool = False


def _number(text: str) -> Decimal:
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"{text!r} is not a number")
    return Decimal(text)


@lru_cache(maxsize=1024)
def _moment(text: str) -> datetime:
    """Read an ISO 8601 date as the W3C profiles it, or seconds since 1970."""
    if _YEAR.fullmatch(text):
        text += "-01-01"
    elif _MONTH.fullmatch(text):
        text += "-01"
    try:
        if _NUMBER.fullmatch(text):
            return datetime.fromtimestamp(float(text), UTC)
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError) as error:
        raise ValueError(f"{text!r} is not a date") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _truth(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError(f"{text!r} is neither true nor false")
    return text.lower() == "true"


@lru_cache(maxsize=1024)
def _network(text: str) -> IPv4Network | IPv6Network:
    return ip_network(text, strict=False)


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(f"{text!r} is not base64") from error


def _in_network(expected: str, actual: str) -> bool:
    return ip_address(actual) in _network(expected)


def _equal(expected: str, actual: str) -> bool:
    return plain(expected) == actual


def _equal_ignoring_case(expected: str, actual: str) -> bool:
    return plain(expected).lower() == actual.lower()


def _typed(
    types: tuple[KeyType, ...],
    read: Callable[[str], Any],
    compare: Callable[[Any, Any], bool],
    *,
    negated: bool = False,
) -> Operator:
    def matches(expected: str, actual: str) -> bool:
        return compare(read(actual), read(expected))

    return Operator(frozenset(types), matches, read, negated)


def _pair(name: str, opposite: str, matches: Callable[[str, str], bool]) -> dict[str, Operator]:
    types = _ANY_TYPE if name.startswith("String") else frozenset[KeyType](("ARN",))
    return {
        name: Operator(types, matches, text=True),
        opposite: Operator(types, matches, negated=True, text=True),
    }


def _ordered(
    family: str, types: tuple[KeyType, ...], read: Callable[[str], Any]
) -> dict[str, Operator]:
    orders = {
        "LessThan": operator.lt,
        "LessThanEquals": operator.le,
        "GreaterThan": operator.gt,
        "GreaterThanEquals": operator.ge,
    }
    return {
        f"{family}Equals": _typed(types, read, operator.eq),
        f"{family}NotEquals": _typed(types, read, operator.eq, negated=True),
        **{f"{family}{name}": _typed(types, read, order) for name, order in orders.items()},
    }


_ADDRESS = frozenset[KeyType](("IPAddress",))

OPERATORS: dict[str, Operator] = {
    **_pair("StringEquals", "StringNotEquals", _equal),
    **_pair("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", _equal_ignoring_case),
    **_pair("StringLike", "StringNotLike", like),
    **_pair("ArnEquals", "ArnNotEquals", arn_like),
    **_pair("ArnLike", "ArnNotLike", arn_like),
    **_ordered("Numeric", ("Numeric", "Epoch"), _number),
    **_ordered("Date", ("Date", "Epoch"), _moment),
    "Bool": _typed(("Bool",), _truth, operator.eq),
    "BinaryEquals": _typed(("Binary",), _bytes, operator.eq),
    "IpAddress": Operator(_ADDRESS, _in_network, _network),
    "NotIpAddress": Operator(_ADDRESS, _in_network, _network, negated=True),
}

NULL = _typed(tuple(_ANY_TYPE), _truth, operator.eq)
"""``Null``: compares the policy's value with whether the request lacks the key."""
