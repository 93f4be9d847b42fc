"""Names, types and the shape of steps and parameters."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from promotion.build.checks import Subject
from promotion.build.definition import Step, is_reference, parameters, steps

VERSION = "2020-12-01"
STEP_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")

# `StepTypeEnum` of the SageMaker Python SDK 3.27, which follows the service.
STEP_TYPES = frozenset(
    "AutoML Callback ClarifyCheck Cleanup Condition EMR EMRServerless Endpoint EndpointConfig Fail "
    "ForEach InferenceComponent Job Lambda Lineage Model Processing QualityCheck RegisterModel "
    "Training Transform Tuning".split()
)
PARAMETER_TYPES: dict[str, tuple[type, ...]] = {
    "String": (str,),
    "Integer": (int,),
    "Float": (float, int),
    "Boolean": (bool,),
}


def check(subject: Subject) -> Iterable[str]:
    """Yield problems of version, parameters, step names and types."""
    definition = subject.definition
    if definition.get("Version") != VERSION:
        yield f"Version: is {definition.get('Version')!r}, not {VERSION!r}"
    yield from _parameter_problems(definition.get("Parameters"))
    found = list(steps(definition))
    if not found:
        yield "Steps: there is none"
    for name, count in Counter(step.name for step in found).items():
        if count > 1:
            yield f"step {name}: Name: {count} steps have it"
    for step in found:
        yield from (f"step {step.name}: {problem}" for problem in _step_problems(step))


def value_problem(entry: Any, value: object) -> str | None:
    """Return why a value does not fit a declared parameter, or None.

    Args:
        entry: the parameter as it stands in the definition.
        value: the value, as JSON gives it.
    """
    kind = str(entry.get("Type"))
    types = PARAMETER_TYPES.get(kind, (object,))
    if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
        return f"{value!r} is not of the type {kind}"
    allowed = entry.get("EnumValues")
    if isinstance(allowed, list) and value not in allowed:
        return f"{value!r} is not one of {', '.join(map(repr, allowed))}"
    return None


def _parameter_problems(listed: Any) -> Iterable[str]:
    if listed is None:
        return
    if not isinstance(listed, list) or any(
        not isinstance(entry, dict) or not isinstance(entry.get("Name"), str) for entry in listed
    ):
        yield "Parameters: is not a list of objects with a Name"
        return
    for name, count in Counter(entry["Name"] for entry in listed).items():
        if count > 1:
            yield f"Parameters.{name}: stands {count} times"
    for name, entry in parameters({"Parameters": listed}).items():
        if entry.get("Type") not in PARAMETER_TYPES:
            yield f"Parameters.{name}.Type: {entry.get('Type')!r} is no parameter type"
        elif "DefaultValue" in entry and (problem := value_problem(entry, entry["DefaultValue"])):
            yield f"Parameters.{name}.DefaultValue: {problem}"


def _step_problems(step: Step) -> Iterable[str]:
    if not STEP_NAME.fullmatch(step.name):
        yield "Name: is not 1-64 letters, digits, hyphens and underscores"
    if step.type not in STEP_TYPES:
        yield f"Type: {step.type!r} is not a step type"
        return
    match step.type:
        case "Condition":
            yield from _condition_problems(step)
        case "Fail":
            message = step.arguments.get("ErrorMessage")
            if not (isinstance(message, str) and message) and not is_reference(message):
                yield "Arguments.ErrorMessage: is missing"
        case "Lambda":
            arn = step.body.get("FunctionArn")
            if not (isinstance(arn, str) and arn) and not is_reference(arn):
                yield "FunctionArn: is missing"
        case _:
            pass
    yield from _property_file_problems(step)


def _condition_problems(step: Step) -> Iterable[str]:
    if not step.arguments.get("Conditions"):
        yield "Arguments.Conditions: there is none"
    for branch in ("IfSteps", "ElseSteps"):
        listed = step.arguments.get(branch, [])
        if not isinstance(listed, list) or any(not isinstance(inner, dict) for inner in listed):
            yield f"Arguments.{branch}: is not a list of steps"


def _property_file_problems(step: Step) -> Iterable[str]:
    outputs = output_names(step)
    for entry in step.body.get("PropertyFiles") or ():
        name = entry.get("PropertyFileName")
        if outputs is not None and entry.get("OutputName") not in outputs:
            yield f"PropertyFiles.{name}: the step has no output {entry.get('OutputName')!r}"


def output_names(step: Step) -> set[str] | None:
    """Return the names of a Processing step's outputs, or None when they are not listed."""
    config = step.arguments.get("ProcessingOutputConfig") if step.type == "Processing" else None
    outputs = config.get("Outputs") if isinstance(config, dict) else None
    if not isinstance(outputs, list):
        return None
    return {str(o.get("OutputName")) for o in outputs if isinstance(o, dict)}
