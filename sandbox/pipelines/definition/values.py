"""Values that an execution gives to the parameters of its definition.

Reads, writes and calls nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sandbox.pipelines.errors import validation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sandbox.model import Document
    from sandbox.pipelines.definition.model import Parameter, Scalar

_INTEGER = re.compile(r"[+-]?\d+")
_WORDS = {"true": True, "false": False}


def parameter_values(
    parameters: Mapping[str, Parameter], given: Sequence[Document]
) -> dict[str, Scalar]:
    """Return every parameter's value: the given one, else the default.

    Args:
        given: ``{"Name", "Value"}`` rows with texts, as StartPipelineExecution has them.

    Raises:
        ServiceError: ``ValidationException`` naming every problem.
    """
    texts: dict[str, str] = {}
    problems: list[str] = []
    for row in given:
        if row["Name"] in texts:
            problems.append(f"parameter '{row['Name']}' is given twice")
        texts[row["Name"]] = row["Value"]
    for name in texts:
        if name not in parameters:
            known = ", ".join(parameters) or "none"
            problems.append(f"unknown parameter '{name}' (the pipeline has: {known})")
    values: dict[str, Scalar] = {}
    for parameter in parameters.values():
        problems.extend(_fill(values, parameter, texts.get(parameter.name)))
    if problems:
        raise validation(f"Invalid pipeline parameters: {'; '.join(problems)}")
    return values


def _fill(values: dict[str, Scalar], parameter: Parameter, text: str | None) -> Iterator[str]:
    name = parameter.name
    if text is None:
        if parameter.default is None:
            yield f"parameter '{name}' has no default and must be given"
        else:
            values[name] = parameter.default
        return
    try:
        value = convert(text, parameter.type)
    except ValueError:
        yield f"parameter '{name}' must be of type {parameter.type}, not '{text}'"
        return
    if parameter.allowed and value not in parameter.allowed:
        yield f"parameter '{name}' must be one of {list(parameter.allowed)}, not '{text}'"
    values[name] = value


def convert(text: str, kind: str) -> Scalar:
    """Return a text as a value of a parameter's type.

    Raises:
        ValueError: It is not one.
    """
    if kind == "Integer":
        if not _INTEGER.fullmatch(text):
            raise ValueError(text)
        return int(text)
    if kind == "Float":
        return float(text)
    if kind == "Boolean":
        if text.lower() not in _WORDS:
            raise ValueError(text)
        return _WORDS[text.lower()]
    return text
