"""Names of Terraform's statements, conditions and principals in words. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sandbox.proof.policies import listed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.model import Document

_NAMES = ("SageMaker", "EventBridge", "CloudWatch", "DynamoDB", "PartiQL", "ExternalId", "S3")
_WORD = re.compile("|".join(_NAMES) + r"|[A-Z]+(?![a-z])|[A-Z][a-z0-9]*|[a-z0-9]+")
_OPERATORS = {
    "StringEquals": "is", "ArnEquals": "is", "StringLike": "is like", "ArnLike": "is like",
    "StringNotEquals": "is not", "ArnNotEquals": "is not", "StringNotLike": "is not like",
    "ArnNotLike": "is not like", "Bool": "is", "NumericEquals": "is",
    "NumericLessThan": "is less than", "NumericLessThanEquals": "is at most",
    "NumericGreaterThan": "is more than", "NumericGreaterThanEquals": "is at least",
    "DateLessThan": "is before", "DateGreaterThan": "is after",
    "IpAddress": "is in", "NotIpAddress": "is not in",
}  # fmt: skip


def sid_in_words(sid: str) -> str:
    """Return ``ReadAndWriteState`` as "Read and write state"; names stay as they are."""
    words = [] if sid.startswith("#") else _WORD.findall(sid)
    if not words:
        return ""
    told = [words[0], *(word if _is_name(word) else word.lower() for word in words[1:])]
    return " ".join(told)


def _is_name(word: str) -> bool:
    return word in _NAMES or (word.isupper() and len(word) > 1)


def condition_lines(condition: Document) -> list[str]:
    """Return a condition block, one line a condition."""
    return [
        _condition(operator, key, [str(value) for value in listed(values)])
        for operator, keys in sorted(condition.items())
        for key, values in sorted(keys.items())
    ]


def _condition(operator: str, key: str, values: list[str]) -> str:
    told = " or ".join(f"`{value}`" for value in values)
    if operator == "Null":
        return f"`{key}` is {'absent' if values == ['true'] else 'present'}"
    quantifier, _, rest = operator.rpartition(":")
    base = rest.removesuffix("IfExists")
    words = _OPERATORS.get(base, base)
    prefix = {"ForAnyValue": "any of ", "ForAllValues": "every one of "}.get(quantifier, "")
    suffix = " (where the request has it)" if base != rest else ""
    return f"{prefix}`{key}` {words} {told}{suffix}"


def principal_lines(principal: Any, accounts: dict[str, str]) -> list[str]:
    """Return who a statement is about, one line each.

    Args:
        principal: The element ``Principal``.
        accounts: Environment by account id.
    """
    if principal in ("*", ["*"]):
        return ["anybody"]
    return [
        _principal(kind, str(value), accounts)
        for kind, values in sorted(principal.items())
        for value in listed(values)
    ]


def _principal(kind: str, value: str, accounts: dict[str, str]) -> str:
    if kind == "AWS" and value == "*":
        return "anybody"
    if kind == "AWS" and value.endswith(":root"):
        account_id = value.split(":")[4]
        return f"account {accounts.get(account_id, account_id)}"
    return f"`{value}`"


def bullets(lines: Iterable[str]) -> str:
    """Return lines for one cell of a Markdown table."""
    return "<br>".join(line.replace("|", "\\|") for line in lines)
