"""Parameters of an execution, checked against the pipeline's definition before the call. Pure."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from promotion.errors import ConfigError


def parse_assignments(assignments: Sequence[str]) -> dict[str, str]:
    """Return `Name=Value` texts as a mapping.

    Raises:
        ConfigError: a text has no "=" or no name, or a name stands twice.
    """
    found: dict[str, str] = {}
    problems: list[str] = []
    for text in assignments:
        name, equals, value = text.partition("=")
        if not equals or not name:
            problems.append(f"{text!r} is not Name=Value")
        elif name in found:
            problems.append(f"{name} is given twice")
        else:
            found[name] = value
    if problems:
        raise ConfigError("parameters are wrong", problems=problems)
    return found


def check_parameters(
    pipeline_name: str, definition: Mapping[str, Any], given: Mapping[str, str]
) -> None:
    """Check the values of parameters against a definition.

    Args:
        pipeline_name: name of the pipeline, for messages.
        definition: its definition.
        given: values by parameter name.

    Raises:
        ConfigError: a parameter is unknown, lacks a value, or has one of the wrong kind; lists
            every finding.
    """
    declared = {item["Name"]: item for item in definition.get("Parameters", [])}
    problems = [f"{name}: no such parameter" for name in sorted(set(given) - set(declared))]
    for name, item in declared.items():
        if name in given:
            problems += _value_problems(name, item, given[name])
        elif "DefaultValue" not in item:
            problems.append(f"{name} ({item.get('Type', 'String')}): a value is needed")
    if problems:
        known = ", ".join(
            f"{name} ({item.get('Type', 'String')})" for name, item in declared.items()
        )
        raise ConfigError(
            f"pipeline {pipeline_name} does not take these parameters; nothing was started",
            problems=problems,
            hint=f"it takes: {known or 'none'}",
        )


def _value_problems(name: str, declared: Mapping[str, Any], value: str) -> list[str]:
    type_ = str(declared.get("Type", "String"))
    if not _VALID.get(type_, _any)(value):
        return [f"{name}: {value!r} is not of type {type_}"]
    allowed = declared.get("EnumValues")
    if allowed and value not in [str(choice) for choice in allowed]:
        return [f"{name}: {value!r} is none of {', '.join(map(str, allowed))}"]
    return []


def _any(value: str) -> bool:
    return isinstance(value, str)


def _integer(value: str) -> bool:
    return value.removeprefix("-").isascii() and value.removeprefix("-").isdigit()


def _float(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True


def _boolean(value: str) -> bool:
    return value.lower() in {"true", "false"}


_VALID: Mapping[str, Callable[[str], bool]] = {
    "String": _any,
    "Integer": _integer,
    "Float": _float,
    "Boolean": _boolean,
}
