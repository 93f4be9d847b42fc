"""Tokens put back where an environment's own values stand in a definition. Pure.

The inverse of `promotion.build.resolve`, as far as there is one: only values in which the two
environments differ are taken for theirs, and only where they stand alone, so that "dev" is not
found in "device".
"""

import re
from collections.abc import Collection, Mapping
from typing import Any

from promotion.build.tokens import substitute

OWN = "${environment file}"
"""Stands for a parameter's default that the environments' files set."""


def differing(one: Mapping[str, str], other: Mapping[str, str]) -> tuple[dict[str, str], ...]:
    """Return of each environment's values by token those in which the two differ."""
    keys = [key for key in sorted(one) if one[key] and other.get(key) and one[key] != other[key]]
    return {key: one[key] for key in keys}, {key: other[key] for key in keys}


def tokenise(value: Any, values: Mapping[str, str]) -> Any:
    """Return a JSON value with tokens in its texts where these values stand, the longest first.

    Args:
        value: what to look through; keys of mappings are left alone.
        values: value by token.
    """
    tokens: dict[str, str] = {}
    for token in sorted(values):
        tokens.setdefault(values[token], token)
    if not tokens:
        return value
    longest_first = sorted(tokens, key=lambda text: (-len(text), text))
    pattern = re.compile(
        rf"(?<![A-Za-z0-9])(?:{'|'.join(map(re.escape, longest_first))})(?![A-Za-z0-9])"
    )
    return _replaced(value, pattern, tokens)


def equal_as_they_are(
    before: object, one: Mapping[str, str], after: object, other: Mapping[str, str]
) -> bool:
    """Return whether two values with tokens are the same text in both accounts.

    A text may hold what happens to be a value of one environment only.
    """
    return bool(substitute(before, _Known(one)) == substitute(after, _Known(other)))


def without_own_parameters(definition: Mapping[str, Any], own: Collection[str]) -> dict[str, Any]:
    """Return a definition in which OWN stands for the defaults that environment files set.

    Args:
        definition: the definition.
        own: names of those parameters.
    """
    declared = definition.get("Parameters")
    if not isinstance(declared, list):
        return dict(definition)
    shown = [
        {**each, "DefaultValue": OWN}
        if isinstance(each, Mapping) and each.get("Name") in own
        else each
        for each in declared
    ]
    return {**definition, "Parameters": shown}


class _Known(dict[str, str]):
    """Values by token; what is none of ours stays as it is."""

    def __missing__(self, token: str) -> str:
        return f"${{{token}}}"


def _replaced(value: Any, pattern: re.Pattern[str], tokens: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return pattern.sub(lambda match: f"${{{tokens[match[0]]}}}", value)
    if isinstance(value, Mapping):
        return {key: _replaced(inner, pattern, tokens) for key, inner in value.items()}
    if isinstance(value, list):
        return [_replaced(inner, pattern, tokens) for inner in value]
    return value
