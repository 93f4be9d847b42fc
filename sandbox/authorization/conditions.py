"""IAM condition blocks.

Pure. Several operators and keys are joined by AND, several values by OR (by NOR for negated
operators); a missing key fails the condition unless the operator is negated or ends in
``IfExists``. Semantics:
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast

from sandbox.authorization.condition_keys import find_key
from sandbox.authorization.errors import PolicyError
from sandbox.authorization.operators import NULL, OPERATORS, Operator
from sandbox.authorization.patterns import Template, literal, parse_template

Context = Mapping[str, tuple[str, ...]]
"""A request's condition keys in lower case and their values; a missing key is not in it."""

Quantifier = Literal["ForAllValues", "ForAnyValue", ""]
_SUFFIX = "IfExists"


@dataclass(frozen=True)
class Condition:
    """One key of one operator.

    Attributes:
        name: The operator as written, for messages.
        key: Condition key in lower case.
        values: What the policy compares with.
        operator: How.
        quantifier: How several values of the request count.
        if_exists: Whether a request without the key fulfils the condition.
    """

    name: str
    key: str
    values: tuple[Template, ...]
    operator: Operator
    quantifier: Quantifier = ""
    if_exists: bool = False

    def holds(self, context: Context) -> bool:
        """Return whether a request fulfils the condition.

        Raises:
            PolicyError: The request carries several values and no set operator says how
                they count.
        """
        actual = context.get(self.key, ())
        if self.operator is NULL:
            return self._matches("false" if actual else "true", context)
        # A set operator sees an empty text as an empty set.
        if not actual or (self.quantifier and actual == ("",)):
            return self._without_value()
        outcomes = [self._matches(value, context) != self.operator.negated for value in actual]
        if self.quantifier == "ForAllValues":
            return all(outcomes)
        if self.quantifier == "ForAnyValue":
            return any(outcomes)
        if len(outcomes) > 1:
            raise PolicyError(
                f"{self.name} {self.key}: the request has {len(outcomes)} values, which only "
                "ForAllValues and ForAnyValue compare"
            )
        return outcomes[0]

    def _without_value(self) -> bool:
        if self.if_exists or self.quantifier == "ForAllValues":
            return True
        return self.operator.negated and self.quantifier != "ForAnyValue"

    def _matches(self, actual: str, context: Context) -> bool:
        for template in self.values:
            expected = template.resolve(context)
            try:
                if expected is not None and self.operator.matches(expected, actual):
                    return True
            except ValueError:  # what the request sends is not of the key's type
                continue
        return False


def parse_conditions(block: object, *, variables: bool) -> tuple[Condition, ...]:
    """Parse a statement's ``Condition``.

    Args:
        block: The JSON value.
        variables: Whether the policy's ``Version`` knows policy variables.

    Raises:
        PolicyError: Not such a block, or an operator, key or value that is not evaluated.
    """
    conditions = []
    for name, keys in _mapping(block, "Condition").items():
        for key, values in _mapping(keys, name).items():
            conditions.append(_parse(name, key, values, variables=variables))
    return tuple(conditions)


def _mapping(value: object, name: str) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise PolicyError(f"{name} is not an object")
    return cast("Mapping[str, object]", value)


def _parse(name: str, key: str, values: object, *, variables: bool) -> Condition:
    quantifier, operator, if_exists = _operator(name)
    kind = find_key(key)
    if kind.type not in operator.types:
        raise PolicyError(f"{name} does not fit {key}, which is of type {kind.type}")
    if kind.multi_valued and not quantifier and operator is not NULL:
        raise PolicyError(f"{name} {key} needs ForAllValues or ForAnyValue")
    items = values if isinstance(values, list) else [values]
    if not items:
        raise PolicyError(f"{name} {key} has no value")
    templates = tuple(_template(name, operator, _text(item, name), variables) for item in items)
    return Condition(name, key.lower(), templates, operator, quantifier, if_exists)


def _operator(name: str) -> tuple[Quantifier, Operator, bool]:
    first, colon, rest = name.partition(":")
    if name == "Null":
        return "", NULL, False
    base = (rest if colon else first).removesuffix(_SUFFIX)
    if base not in OPERATORS or (colon and first not in ("ForAllValues", "ForAnyValue")):
        raise PolicyError(f"condition operator {name} is not evaluated by the sandbox")
    quantifier = cast("Quantifier", first if colon else "")
    return quantifier, OPERATORS[base], name.endswith(_SUFFIX)


def _template(name: str, operator: Operator, text: str, variables: bool) -> Template:
    if operator.text:
        return parse_template(text, variables=variables)
    if variables and "${" in text:
        raise PolicyError(f"{name} takes no policy variable: {text}")
    try:
        operator.read(text)
    except ValueError as error:
        raise PolicyError(f"{name}: {error}") from error
    return literal(text)


def _text(item: object, name: str) -> str:
    if isinstance(item, bool):
        return str(item).lower()
    if isinstance(item, (str, int, float)):
        return str(item)
    raise PolicyError(f"{name}: {item!r} is not text, a number or a truth value")
