"""Requirements of any operation, by its name and AWS's tables of resource ARNs.

Pure. The resource is an ARN that fits a resource type's format, in a parameter that is named like
the type or one of the format's placeholders (or ``ResourceArn``); else the placeholders are filled
with the parameters of the same names, and with ``*`` where the request does not say (what is being
created, for example), as AWS does.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from moto.core.utils import get_service_model

from sandbox.authorization.requirement import (
    Requirement,
    UnmappedOperationError,
    is_arn,
    need,
    tag_context,
    tag_keys_in,
    tags_in,
)
from sandbox.authorization.tables import Action, ResourceType, action, prefix_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.services.call import Call

_PLACEHOLDER = re.compile(r"\$\{(\w+)\}")
_NAMING = re.compile(r"(.*?)(?:arn|name|id|identifier)(?:withpath)?")


def table_action(call: Call, name: str | None = None) -> Action:
    """Return the action of an operation.

    Args:
        call: The call.
        name: The action's name where it is not the operation's.

    Raises:
        UnmappedOperationError: The tables have no such action.
    """
    found = action(prefix_of(call.service), name or call.operation)
    if found is None:
        raise UnmappedOperationError(f"{call.service}:{call.operation}")
    return found


def by_tables(
    call: Call,
    name: str | None = None,
    names: Mapping[str, str] | None = None,
    context: Mapping[str, tuple[str, ...]] | None = None,
) -> tuple[Requirement, ...]:
    """Return what an operation needs by AWS's tables.

    Args:
        call: The call.
        name: The action's name where it is not the operation's.
        names: Values of placeholders (lower case) that the parameters call otherwise.
        context: Condition keys of the request beside its tags.

    Raises:
        UnmappedOperationError: The tables have no such action.
    """
    found = table_action(call, name)
    values = {**_texts(call), **(names or {})}
    keys = {**request_tags(call), **(context or {})}
    arns = resources(call, found.resources, values)
    return tuple(need(call, found.name, arn, keys) for arn in arns or ("*",))


def request_tags(call: Call) -> dict[str, tuple[str, ...]]:
    """Return the condition keys of the tags that a request sets or removes."""
    given = tag_context(tags_in(call.parameters))
    removed = tag_keys_in(call.parameters)
    return given or ({"aws:tagkeys": removed} if removed else {})


def resources(
    call: Call, kinds: tuple[ResourceType, ...], values: Mapping[str, str]
) -> tuple[str, ...]:
    """Return the ARNs that a request names: all of them, so that none hides another.

    The types of an action may be alternatives, such as a table or its stream: beside an ARN that
    is given, a type that the request tells nothing of is not meant.
    """
    named = [_named(kind, values) for kind in kinds]
    found = [one for arns in named for one in arns]
    partly = not found
    for kind, arns in zip(kinds, named, strict=True):
        plain = {name: value for name, value in values.items() if value not in arns}
        filled = _filled(call, kind, plain, partly=partly)
        if filled:
            found.append(filled)
    return tuple(dict.fromkeys(found))


def _texts(call: Call) -> dict[str, str]:
    """Return the members of the operation's input that are texts; AWS ignores all others."""
    shape = get_service_model(call.service).operation_model(call.operation).input_shape
    known = shape.members if shape is not None else {}
    return {
        name.lower(): value
        for name, value in call.parameters.items()
        if name in known and isinstance(value, str) and value
    }


def _named(kind: ResourceType, values: Mapping[str, str]) -> list[str]:
    """Return the ARNs of a type among the members that name it: never a description or a token."""
    pattern, stems = _pattern(kind.arn), _stems(kind)
    return [
        value
        for name, value in values.items()
        if _stem(name) in stems and is_arn(value) and pattern.fullmatch(value)
    ]


@lru_cache(maxsize=4096)
def _stems(kind: ResourceType) -> frozenset[str | None]:
    placeholders = (_stem(name.lower()) for name in _PLACEHOLDER.findall(kind.arn))
    own = re.sub(r"[^a-z0-9]", "", kind.name.lower())
    return frozenset({own, "", "resource", *placeholders}) - {None}


def _stem(name: str) -> str | None:
    """Return what a member names, such as ``role`` for ``rolearn``; ``None`` for other members."""
    match = _NAMING.fullmatch(name)
    return match[1] if match else None


@lru_cache(maxsize=4096)
def _pattern(template: str) -> re.Pattern[str]:
    # Partition, region and account reach to the next colon, names reach to the end.
    head, name = template.split(":", 5)[:5], template.split(":", 5)[5]
    return re.compile(f"{_expression(':'.join(head), '[^:]*')}:{_expression(name, '.+')}")


def _expression(template: str, placeholder: str) -> str:
    literals = _PLACEHOLDER.sub("\0", template).split("\0")
    return placeholder.join(re.escape(literal) for literal in literals)


def _filled(call: Call, kind: ResourceType, values: Mapping[str, str], *, partly: bool) -> str:
    """Return the type's ARN for the parameters; empty for one that need not be named.

    Args:
        call: The call.
        kind: The type.
        values: The parameters.
        partly: Whether a required type is named although parameters are missing.
    """
    known = {"partition": "aws", "region": call.region, "account": call.account_id}
    missing = False

    def value(match: re.Match[str]) -> str:
        nonlocal missing
        name = match[1].lower()
        given = known.get(name) or values.get(name, "")
        missing = missing or not given
        return given or "*"

    text = _PLACEHOLDER.sub(value, kind.arn)
    return text if not missing or (partly and kind.required) else ""
