"""Reads pipeline definitions: steps, parameters, references, and where a value stands.

Pure. The format: https://aws-sagemaker-mlops.github.io/sagemaker-model-building-pipeline-definition-JSON-schema/
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

REFERENCES = frozenset({"Get", "Std:Join", "Std:JsonGet"})


@dataclass(frozen=True)
class Place:
    """Where in a definition something stands.

    Attributes:
        step: name of the step, or "" outside of steps.
        field: path in the step or definition, such as "Arguments.Inputs[0].S3Uri".
    """

    step: str
    field: str

    def __str__(self) -> str:
        """Return the place as messages name it."""
        return f"step {self.step}: {self.field}" if self.step else self.field

    def key(self, key: str) -> "Place":
        """Return the place of a key in the object here."""
        return Place(self.step, f"{self.field}.{key}" if self.field else key)

    def index(self, index: int) -> "Place":
        """Return the place of an item in the list here."""
        return Place(self.step, f"{self.field}[{index}]")


@dataclass(frozen=True)
class Step:
    """A step of a definition.

    Attributes:
        name: name, or "(unnamed)".
        type: type such as "Processing", or "".
        body: the step as it stands in the definition.
        parent: name of the Condition step whose branch it is in, or None.
    """

    name: str
    type: str
    body: Mapping[str, Any]
    parent: str | None = None

    @property
    def arguments(self) -> Any:
        """The step's Arguments, or an empty mapping."""
        return self.body.get("Arguments", {})


def steps(definition: Mapping[str, Any]) -> Iterator[Step]:
    """Yield every step, those in the branches of conditions after their condition."""
    yield from _steps(definition.get("Steps"), None)


def _steps(listed: Any, parent: str | None) -> Iterator[Step]:
    for body in listed if isinstance(listed, list) else ():
        if not isinstance(body, dict):
            continue
        name = body.get("Name")
        step = Step(
            name=name if isinstance(name, str) and name else "(unnamed)",
            type=str(body.get("Type", "")),
            body=body,
            parent=parent,
        )
        yield step
        arguments = step.arguments
        if step.type == "Condition" and isinstance(arguments, dict):
            for branch in ("IfSteps", "ElseSteps"):
                yield from _steps(arguments.get(branch), step.name)


def own_values(step: Step) -> Iterator[tuple[Place, Any]]:
    """Yield every value of a step, without those of the steps in its branches."""
    body = dict(step.body)
    if step.type == "Condition" and isinstance(body.get("Arguments"), dict):
        kept = {k: v for k, v in body["Arguments"].items() if k not in ("IfSteps", "ElseSteps")}
        body["Arguments"] = kept
    yield from walk(body, Place(step.name, ""))


def all_values(definition: Mapping[str, Any]) -> Iterator[tuple[Place, Any]]:
    """Yield every value of a definition with its place, steps after the rest."""
    rest = {key: value for key, value in definition.items() if key != "Steps"}
    yield from walk(rest, Place("", ""))
    for step in steps(definition):
        yield from own_values(step)


def walk(value: Any, place: Place) -> Iterator[tuple[Place, Any]]:
    """Yield a value and everything in it, outer values first."""
    yield place, value
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from walk(inner, place.key(key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from walk(inner, place.index(index))


def is_reference(value: Any) -> bool:
    """Return whether a value is one that SageMaker fills in when the pipeline runs."""
    return isinstance(value, dict) and len(value) == 1 and next(iter(value)) in REFERENCES


def parameters(definition: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the declared parameters by name."""
    listed = definition.get("Parameters")
    return {
        str(entry["Name"]): entry
        for entry in (listed if isinstance(listed, list) else ())
        if isinstance(entry, dict) and "Name" in entry
    }
