"""Checks the form of a definition: which members are lists and which are objects.

Reads, writes and calls nothing. What passes here can be parsed without surprises.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.model import Document

_OBJECTS = ("Arguments", "CacheConfig")
_LISTS = ("DependsOn", "PropertyFiles", "RetryPolicies", "OutputParameters")
_BRANCHES = ("Conditions", "IfSteps", "ElseSteps")


def form_problems(document: Document) -> Iterator[str]:
    """Yield each member of a definition that is not of the kind that it must be."""
    yield from _rows(document, "Parameters", "")
    yield from _rows(document, "Steps", "")
    steps = document.get("Steps")
    for step in steps if isinstance(steps, list) else []:
        if isinstance(step, dict):
            yield from _step_problems(step)


def _step_problems(step: Document) -> Iterator[str]:
    where = f"Step '{step.get('Name')}': "
    for name in _OBJECTS:
        if not isinstance(step.get(name) or {}, dict):
            yield f"{where}{name} must be an object"
    for name in _LISTS:
        yield from _rows(step, name, where, texts=name == "DependsOn")
    for index, output in enumerate(_items(step, "OutputParameters")):
        if isinstance(output, dict) and not isinstance(output.get("OutputName"), str):
            yield f"{where}OutputParameters item {index + 1} has no OutputName"
    arguments = step.get("Arguments")
    if step.get("Type") == "Condition" and isinstance(arguments, dict):
        for name in _BRANCHES:
            yield from _rows(arguments, name, where)
        for name in ("IfSteps", "ElseSteps"):
            for nested in _items(arguments, name):
                if isinstance(nested, dict):
                    yield from _step_problems(nested)


def _rows(document: Document, name: str, where: str, texts: bool = False) -> Iterator[str]:
    rows = document.get(name) or []
    if not isinstance(rows, list):
        yield f"{where}{name} must be a list"
        return
    for index, row in enumerate(rows):
        if not isinstance(row, dict) and not (texts and isinstance(row, str)):
            yield f"{where}{name} item {index + 1} must be an object"


def _items(document: Document, name: str) -> list[object]:
    rows = document.get(name)
    return rows if isinstance(rows, list) else []
