"""Finds and takes apart the expressions of a definition: Get, Std:Join, Std:JsonGet.

Reads, writes and calls nothing. Grammar: the pipeline definition JSON schema,
https://aws-sagemaker-mlops.github.io/sagemaker-model-building-pipeline-definition-JSON-schema/
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

EXECUTION_VARIABLES = frozenset(
    {
        "StartDateTime",
        "CurrentDateTime",
        "PipelineName",
        "PipelineArn",
        "PipelineExecutionId",
        "PipelineExecutionArn",
        "TrainingJobName",
        "ProcessingJobName",
    }
)
_TOKEN = re.compile(r"\.?(?P<name>[^.\[\]'\"]+)|\[(?P<index>\d+)\]|\[(['\"])(?P<key>.*?)\3\]")


@dataclass(frozen=True)
class Reference:
    """A ``Get``.

    Attributes:
        kind: Parameters, Execution or Steps.
        name: Of the parameter, variable or step.
        path: What follows, member names and list positions.
        text: As written.
    """

    kind: str
    name: str
    path: tuple[str | int, ...]
    text: str


def is_expression(value: object) -> bool:
    """Tell whether a value is a Get, a Std:Join or a Std:JsonGet."""
    return (
        isinstance(value, dict)
        and len(value) == 1
        and next(iter(value)) in {"Get", "Std:Join", "Std:JsonGet"}
    )


def parse_reference(text: object) -> Reference:
    """Take a Get's text apart.

    Raises:
        ValueError: It is not of the form ``Parameters.X``, ``Execution.X`` or ``Steps.A…``.
    """
    kind, _, rest = str(text).partition(".")
    if kind not in {"Parameters", "Execution", "Steps"} or not rest:
        raise ValueError(
            f"'{text}' is not a reference: write Parameters.NAME, Execution.NAME or "
            "Steps.NAME.PROPERTY"
        )
    if kind != "Steps":
        return Reference(kind, rest, (), str(text))
    name, *path = parse_path(rest)
    return Reference(kind, str(name), tuple(path), str(text))


def parse_path(text: str) -> list[str | int]:
    """Split ``A.B[0]['c d']`` into names and positions.

    Raises:
        ValueError: A part is neither a name, a position nor a quoted key.
    """
    parts: list[str | int] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None or match.end() == position:
            raise ValueError(f"cannot read '{text}' from '{text[position:]}'")
        index, key = match["index"], match["key"]
        if index is not None:
            parts.append(int(index))
        else:
            parts.append(match["name"] if key is None else key)
        position = match.end()
    return parts


def references_in(value: object) -> Iterator[object]:
    """Yield the text of every Get inside a value, at any depth."""
    if isinstance(value, dict):
        if set(value) == {"Get"}:
            yield value["Get"]
        else:
            for item in value.values():
                yield from references_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from references_in(item)


def json_gets_in(value: object) -> Iterator[dict[str, object]]:
    """Yield the body of every Std:JsonGet inside a value."""
    if isinstance(value, dict):
        if set(value) == {"Std:JsonGet"} and isinstance(value["Std:JsonGet"], dict):
            yield value["Std:JsonGet"]
        for item in value.values():
            yield from json_gets_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from json_gets_in(item)
