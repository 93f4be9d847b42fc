"""A property that is taken from a step exists: Lambda outputs, and members of API responses."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from promotion.build.checks import Subject
from promotion.build.checks.references import gets_of
from promotion.build.checks.shapes import properties_shape
from promotion.build.checks.structure import output_names
from promotion.build.definition import Step, steps

_SEGMENT = re.compile(r"\.?([A-Za-z0-9_]+)|\['([^']*)'\]|\[([0-9]+)\]")


def check(subject: Subject) -> Iterable[str]:
    """Yield references to properties that their step does not have."""
    found = list(steps(subject.definition))
    by_name = {step.name: step for step in found}
    for step in found:
        for place, expression in gets_of(step):
            group, _, rest = expression.partition(".")
            name, _, path = rest.partition(".")
            if group != "Steps" or name not in by_name or path.startswith("PropertyFiles."):
                continue
            if problem := _problem(by_name[name], path):
                yield f"{place}: Get {expression!r}: {problem}"


def _problem(step: Step, path: str) -> str | None:
    segments = list(_segments(path))
    if step.type == "Lambda":
        return _lambda_problem(step, segments)
    if step.type == "Condition":
        return None if path == "Outcome" else "a Condition step has only the property 'Outcome'"
    shape = properties_shape(step.type)
    return _walk(step, shape, segments) if shape is not None else None


def _lambda_problem(step: Step, segments: list[tuple[str, str]]) -> str | None:
    outputs = [o.get("OutputName") for o in step.body.get("OutputParameters") or ()]
    match segments:
        case [("member", "OutputParameters"), ("key", name)]:
            known = name in outputs
            return None if known else f"step {step.name} has no output parameter {name!r}"
        case _:
            return "a Lambda step has only the properties OutputParameters['NAME']"


def _walk(step: Step, shape: Any, segments: list[tuple[str, str]]) -> str | None:
    for kind, name in segments:
        if kind == "member":
            if shape.type_name != "structure" or name not in shape.members:
                return f"{shape.name} has no member {name!r}"
            shape = shape.members[name]
        elif shape.type_name == "map" and kind == "key":
            shape = shape.value
        elif shape.type_name == "list":
            outputs = output_names(step) if shape.name == "ProcessingOutputs" else None
            if kind == "key" and outputs is not None and name not in outputs:
                return f"step {step.name} has no output {name!r}"
            shape = shape.member
        else:
            return f"{shape.name} takes no [{name!r}]"
    return None


def _segments(path: str) -> Iterator[tuple[str, str]]:
    position = 0
    while position < len(path):
        match = _SEGMENT.match(path, position)
        if match is None:
            yield "member", path[position:]
            return
        member, key, index = match.groups()
        yield (
            ("member", member) if member else ("key", key) if key is not None else ("index", index)
        )
        position = match.end()
