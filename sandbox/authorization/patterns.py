"""Wildcards and policy variables in the values of a policy.

Pure. A value is kept as a ``Template``. Resolved with a request's context it becomes a
*pattern*: text in which the wildcards stand as two private-use characters, so that a ``*``
which comes out of a variable, or out of ``${*}``, is an ordinary character.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from sandbox.authorization.condition_keys import find_key
from sandbox.authorization.errors import PolicyError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_MANY, _ONE = "\ue000", "\ue001"
_PRIVATE = re.compile(f"[{_MANY}{_ONE}]")
_SPECIAL = {"*": "*", "?": "?", "$": "$"}
_REFERENCE = re.compile(r"\$\{([^}]*)\}")
_VARIABLE = re.compile(r"([^,'\s]+)(?:,\s*'([^']*)')?")
_ARN_PARTS = 6
ANYTHING = _MANY
"""The pattern of a lone ``*``."""


@dataclass(frozen=True)
class Variable:
    """A policy variable.

    Attributes:
        key: Condition key in lower case.
        default: Text for requests without the key; ``None`` when the policy gives none.
    """

    key: str
    default: str | None


@dataclass(frozen=True)
class Template:
    """A value of a policy.

    Attributes:
        parts: Patterns and variables, in order.
        constant: The pattern, when there is no variable in it.
    """

    parts: tuple[str | Variable, ...]
    constant: str | None

    def resolve(self, context: Mapping[str, tuple[str, ...]]) -> str | None:
        """Return the pattern for a request.

        ``None`` when a variable has no value: it then equals and resembles nothing
        (section "Policy variables with no value" of the page above).
        """
        if self.constant is not None:
            return self.constant
        resolved = [part if isinstance(part, str) else _value(part, context) for part in self.parts]
        return None if None in resolved else "".join(part for part in resolved if part is not None)


def _value(variable: Variable, context: Mapping[str, tuple[str, ...]]) -> str | None:
    values = context.get(variable.key, ())
    if not values:
        return variable.default
    # Wildcards are recognized by these characters: a request must not bring its own.
    return values[0] if len(values) == 1 and not _PRIVATE.search(values[0]) else None


def literal(text: str) -> Template:
    """Return a template for text without variables and wildcards."""
    return Template((text,), text)


def parse_template(text: str, *, variables: bool) -> Template:
    """Parse a value in which ``*`` and ``?`` are wildcards.

    Args:
        text: As written in the policy.
        variables: Whether the policy's ``Version`` knows variables; where it does not,
            ``${…}`` is ordinary text.

    Raises:
        PolicyError: An unknown, multi-valued or malformed variable.
    """
    if _PRIVATE.search(text):
        raise PolicyError(f"{text!r} holds private-use characters")
    if not variables or "${" not in text:
        return literal(_wild(text))
    parts: list[str | Variable] = []
    end = 0
    for match in _REFERENCE.finditer(text):
        parts += [_wild(text[end : match.start()]), _reference(match[1])]
        end = match.end()
    rest = text[end:]
    if "${" in rest:
        raise PolicyError(f"variable in {text!r} is not closed")
    parts.append(_wild(rest))
    fixed = [part for part in parts if isinstance(part, str)]
    return Template(tuple(parts), "".join(fixed) if len(fixed) == len(parts) else None)


def _wild(text: str) -> str:
    return text.replace("*", _MANY).replace("?", _ONE)


def _reference(inside: str) -> str | Variable:
    if inside in _SPECIAL:
        return _SPECIAL[inside]
    match = _VARIABLE.fullmatch(inside)
    if match is None:
        raise PolicyError(f"variable ${{{inside}}} is malformed")
    if find_key(match[1]).multi_valued:
        raise PolicyError(f"variable ${{{inside}}} has several values")
    return Variable(match[1].lower(), match[2])


def plain(pattern: str) -> str:
    """Return a pattern's text with its wildcards as ordinary ``*`` and ``?``."""
    return pattern.replace(_MANY, "*").replace(_ONE, "?")


@lru_cache(maxsize=16384)
def _matcher(pattern: str) -> Callable[[str], object]:
    if not _PRIVATE.search(pattern):
        return pattern.__eq__
    wild = {_MANY: ".*", _ONE: "."}
    body = "".join(wild.get(character) or re.escape(character) for character in pattern)
    return re.compile(body, re.DOTALL).fullmatch


def like(pattern: str, value: str) -> bool:
    """Match as a string: ``*`` reaches over colons and slashes, case counts."""
    return pattern == _MANY or bool(_matcher(pattern)(value))


def arn_like(pattern: str, value: str) -> bool:
    """Match each of an ARN's six parts by itself: a wildcard stays inside its part.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
    """
    patterns, values = pattern.split(":", 5), value.split(":", 5)
    if len(patterns) != _ARN_PARTS or len(values) != _ARN_PARTS:
        return pattern == _MANY
    return all(like(one, part) for one, part in zip(patterns, values, strict=True))
