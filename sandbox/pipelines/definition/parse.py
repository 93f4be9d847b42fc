"""Parses a definition's JSON into values, reporting every problem of its form at once.

Reads, writes and calls nothing.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from sandbox.pipelines.definition.check import check_steps
from sandbox.pipelines.definition.form import form_problems
from sandbox.pipelines.definition.model import Branch, Definition, Dependency, Parameter, Step
from sandbox.pipelines.definition.references import (
    parse_reference,
    references_in,
)
from sandbox.pipelines.errors import DefinitionError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.model import Document

VERSION = "2020-12-01"
_NAME = re.compile(r"[A-Za-z0-9\-_]{1,64}")
_TYPES: dict[str, tuple[type, ...]] = {
    "String": (str,),
    "Integer": (int,),
    "Float": (float, int),
    "Boolean": (bool,),
}
_TRIGGERS = ("Completed", "Failed", "Stopped", "Any")


def parse(text: str) -> Definition:
    """Parse and check a definition.

    Raises:
        DefinitionError: With every problem found.
        UnsupportedStepError: A step's type is SageMaker's, but the engine cannot execute it.
    """
    document = _load(text)
    problems: list[str] = []
    parameters = _parameters(document.get("Parameters") or [], problems)
    steps = _steps(document.get("Steps"), problems)
    check_steps(parameters, steps, problems)
    if problems:
        raise DefinitionError(problems)
    return Definition(parameters, {step.name: step for step in steps}, text)


def _load(text: str) -> Document:
    try:
        document = json.loads(text)
    except ValueError as error:
        raise DefinitionError([f"it is not JSON: {error}"]) from error
    if not isinstance(document, dict):
        raise DefinitionError(["it must be a JSON object"])
    if document.get("Version") != VERSION:
        raise DefinitionError([f"Version must be '{VERSION}', not '{document.get('Version')}'"])
    problems = list(form_problems(document))
    if problems:
        raise DefinitionError(problems)
    return document


def _parameters(rows: list[Document], problems: list[str]) -> dict[str, Parameter]:
    parameters: dict[str, Parameter] = {}
    for row in rows:
        name, kind = str(row.get("Name")), str(row.get("Type"))
        if name in parameters:
            problems.append(f"Parameter '{name}' is defined twice")
        if kind not in _TYPES:
            problems.append(f"Parameter '{name}' has unknown Type '{kind}'")
            continue
        parameter = Parameter(
            name, kind, row.get("DefaultValue"), tuple(row.get("EnumValues") or ())
        )
        parameters[name] = parameter
        problems.extend(_parameter_problems(parameter))
    return parameters


def _parameter_problems(parameter: Parameter) -> Iterator[str]:
    default = parameter.default
    if default is None:
        return
    fits = isinstance(default, _TYPES[parameter.type])
    if not fits or (isinstance(default, bool) and parameter.type != "Boolean"):
        yield f"Parameter '{parameter.name}': DefaultValue {default!r} is not {parameter.type}"
    elif parameter.allowed and default not in parameter.allowed:
        yield f"Parameter '{parameter.name}': DefaultValue {default!r} is not in EnumValues"


def _steps(rows: list[Document] | None, problems: list[str]) -> list[Step]:
    if not rows:
        problems.append("Steps must be a list of at least one step")
        return []
    steps = list(_flatten(rows, None, problems))
    for name, count in Counter(step.name for step in steps).items():
        if count > 1:
            problems.append(f"Step name '{name}' is used {count} times: names must be unique")
    return steps


def _flatten(rows: list[Any], branch: Branch | None, problems: list[str]) -> Iterator[Step]:
    for row in rows:
        if not _NAME.fullmatch(str(row.get("Name"))):
            problems.append(f"Step name '{row.get('Name')}' must match {_NAME.pattern}")
            continue
        step = _step(row, branch, problems)
        yield step
        if step.type == "Condition":
            nested = row.get("Arguments") or {}
            for key, outcome in (("IfSteps", True), ("ElseSteps", False)):
                yield from _flatten(nested.get(key) or [], Branch(step.name, outcome), problems)


def _step(row: Document, branch: Branch | None, problems: list[str]) -> Step:
    arguments = row.get("Arguments") or {}
    if row.get("Type") == "Condition":
        arguments = {"Conditions": arguments.get("Conditions") or []}
    document = {key: value for key, value in row.items() if key != "Arguments"}
    return Step(
        name=row["Name"],
        type=str(row.get("Type")),
        arguments=arguments,
        document=document,
        dependencies=_dependencies(row, arguments, document, branch, problems),
        branch=branch,
        property_files={
            str(file.get("PropertyFileName")): (
                str(file.get("OutputName")),
                str(file.get("FilePath")),
            )
            for file in row.get("PropertyFiles") or []
        },
    )


def _dependencies(
    row: Document,
    arguments: Document,
    document: Document,
    branch: Branch | None,
    problems: list[str],
) -> tuple[Dependency, ...]:
    found: dict[Dependency, None] = {}
    if branch is not None:
        found[Dependency(branch.condition, "Completed")] = None
    for entry in row.get("DependsOn") or []:
        plain = entry if isinstance(entry, dict) else {"Step": entry}
        trigger = str(plain.get("Trigger", "Completed"))
        if trigger not in _TRIGGERS:
            problems.append(
                f"Step '{row['Name']}': Trigger '{trigger}' is not one of {', '.join(_TRIGGERS)}"
            )
        found[Dependency(str(plain.get("Step")), trigger)] = None
    for text in references_in([arguments, document]):
        try:
            reference = parse_reference(text)
        except ValueError:
            continue  # reported by check_steps, with the step's name
        if reference.kind == "Steps":
            found[Dependency(reference.name, "Completed")] = None
    return tuple(found)
