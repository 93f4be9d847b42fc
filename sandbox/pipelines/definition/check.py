"""Checks what a definition's steps say: types, references, cycles, arguments.

Reads the step types' own descriptions (``sandbox.pipelines.steps``) and botocore's shapes;
writes and calls nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from sandbox.pipelines.definition.conditions import condition_problems
from sandbox.pipelines.definition.model import Parameter, Step
from sandbox.pipelines.definition.references import (
    EXECUTION_VARIABLES,
    Reference,
    is_expression,
    json_gets_in,
    parse_path,
    parse_reference,
    references_in,
)
from sandbox.pipelines.errors import RETRYABLE, UnsupportedStepError
from sandbox.pipelines.execution.cache import duration
from sandbox.pipelines.shapes import input_shape, output_shape, problems_of
from sandbox.pipelines.steps import SAGEMAKER_STEP_TYPES, StepType, step_types

Steps = Mapping[str, Step]


def check_steps(
    parameters: Mapping[str, Parameter], steps: Sequence[Step], problems: list[str]
) -> None:
    """Add every problem of the steps to ``problems``.

    Raises:
        UnsupportedStepError: A step's type is SageMaker's, but the engine cannot execute it.
    """
    by_name = {step.name: step for step in steps}
    for step in steps:
        problems.extend(
            f"Step '{step.name}': {problem}" for problem in _problems(step, parameters, by_name)
        )
    if not problems:
        problems.extend(_cycle_problems(by_name))


def _problems(step: Step, parameters: Mapping[str, Parameter], steps: Steps) -> Iterator[str]:
    step_type = step_types().get(step.type)
    if step_type is None:
        if step.type in SAGEMAKER_STEP_TYPES:
            raise UnsupportedStepError(step.name, step.type, sorted(step_types()))
        yield f"unknown Type '{step.type}'; known are {', '.join(sorted(SAGEMAKER_STEP_TYPES))}"
        return
    for dependency in step.dependencies:
        if dependency.step not in steps:
            yield f"depends on step '{dependency.step}', which does not exist"
    for text in references_in([step.arguments, step.document]):
        yield from _reference_problems(text, step, parameters, steps)
    for body in json_gets_in([step.arguments, step.document]):
        yield from _json_get_problems(body)
    yield from _argument_problems(step, step_type)
    yield from _policy_problems(step, step_type)
    for member in step_type.required:
        if not step.document.get(member):
            yield f"{member} is missing"


def _policy_problems(step: Step, step_type: StepType) -> Iterator[str]:
    cache = step.document.get("CacheConfig") or {}
    if cache and not step_type.cacheable:
        yield f"a {step.type} step has no CacheConfig"
    if cache.get("ExpireAfter") is not None:
        try:
            duration(cache["ExpireAfter"])
        except ValueError as error:
            yield f"CacheConfig ExpireAfter: {error}"
    for policy in step.document.get("RetryPolicies") or []:
        unknown = [kind for kind in policy.get("ExceptionType") or [""] if kind not in RETRYABLE]
        if unknown:
            yield f"RetryPolicies: unknown ExceptionType '{unknown[0]}'"
        if (policy.get("MaxAttempts") is None) == (policy.get("ExpireAfterMin") is None):
            yield "RetryPolicies: give either MaxAttempts or ExpireAfterMin"


def _argument_problems(step: Step, step_type: StepType) -> Iterator[str]:
    if step.type == "Condition":
        for condition in step.arguments["Conditions"]:
            yield from condition_problems(condition)
    if step_type.operation:
        shape = input_shape(step_type.operation)
        arguments = {key: value for key, value in step.arguments.items() if value is not None}
        yield from problems_of(
            arguments, shape, "Arguments", is_expression, frozenset(step_type.filled_in)
        )
    for name, (output, _path) in step.property_files.items():
        if output not in _processing_outputs(step):
            yield f"PropertyFile '{name}' names output '{output}', which the step does not have"


def _reference_problems(
    text: object, step: Step, parameters: Mapping[str, Parameter], steps: Steps
) -> Iterator[str]:
    try:
        reference = parse_reference(text)
    except ValueError as error:
        yield str(error)
        return
    if reference.kind == "Parameters" and reference.name not in parameters:
        yield f"reference to parameter '{reference.name}', which is not defined"
    elif reference.kind == "Execution" and reference.name not in EXECUTION_VARIABLES:
        yield f"reference to unknown execution variable '{reference.name}'"
    elif reference.kind == "Steps" and reference.name in steps:
        if reference.name == step.name:
            yield f"reference '{reference.text}' to the step itself"
        else:
            yield from _property_problems(reference, steps[reference.name])


def _property_problems(reference: Reference, target: Step) -> Iterator[str]:
    step_type = step_types().get(target.type)
    if step_type is None:
        return
    head, *rest = reference.path or ("",)
    if head == "PropertyFiles":
        if not rest or rest[0] not in target.property_files:
            yield f"'{reference.text}': step '{target.name}' declares no such PropertyFile"
    elif head == "OutputParameters" and step_type.has_outputs:
        if not rest or rest[0] not in target.outputs:
            yield f"'{reference.text}': step '{target.name}' declares no such output parameter"
    elif step_type.described_by:
        if not _path_exists(output_shape(step_type.described_by), list(reference.path), target):
            yield f"'{reference.text}': a {target.type} step has no such property"
    elif head not in step_type.properties:
        yield f"'{reference.text}': a {target.type} step has no such property"


def _path_exists(shape: object, path: list[str | int], target: Step) -> bool:
    for position, part in enumerate(path):
        kind = getattr(shape, "type_name", "")
        if kind == "structure":
            members = shape.members  # type: ignore[attr-defined]
            if part not in members:
                return False
            shape = members[part]
        elif kind == "list":
            if isinstance(part, str) and not _named_item_exists(path, position, target):
                return False
            shape = shape.member  # type: ignore[attr-defined]
        elif kind == "map":
            shape = shape.value  # type: ignore[attr-defined]
        else:
            return False
    return bool(path)


def _named_item_exists(path: list[str | int], position: int, target: Step) -> bool:
    if path[:position] == ["ProcessingOutputConfig", "Outputs"]:
        return path[position] in _processing_outputs(target)
    return True


def _processing_outputs(step: Step) -> set[str]:
    config = step.arguments.get("ProcessingOutputConfig") or {}
    return {str(output.get("OutputName")) for output in config.get("Outputs") or []}


def _json_get_problems(body: Mapping[str, object]) -> Iterator[str]:
    if ("PropertyFile" in body) == ("S3Uri" in body):
        yield "Std:JsonGet needs either PropertyFile or S3Uri"
    elif "PropertyFile" in body and not _is_property_file(body["PropertyFile"]):
        yield "Std:JsonGet PropertyFile must be a Get of Steps.NAME.PropertyFiles.FILE"
    try:
        parse_path(str(body["Path"]).removeprefix("$"))
    except KeyError:
        yield "Std:JsonGet has no Path"
    except ValueError as error:
        yield f"Std:JsonGet Path: {error}"


def _is_property_file(value: object) -> bool:
    texts = list(references_in(value))
    try:
        reference = parse_reference(texts[0]) if texts else None
    except ValueError:
        return False
    return reference is not None and reference.path[:1] == ("PropertyFiles",)


def _cycle_problems(steps: Steps) -> Iterator[str]:
    graph = {
        step.name: {dependency.step for dependency in step.dependencies} for step in steps.values()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        yield f"the steps form a cycle: {' -> '.join(reversed(error.args[1]))}"
