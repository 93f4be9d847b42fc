"""What steps refer to exists, and no step waits for itself."""

from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from promotion.build.checks import Subject
from promotion.build.definition import Place, Step, own_values, parameters, steps

# https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-properties.html and the SDK's
# `ExecutionVariables`.
EXECUTION_VARIABLES = frozenset(
    "StartDateTime CurrentDateTime PipelineName PipelineArn PipelineExecutionId "
    "PipelineExecutionArn TrainingJobName ProcessingJobName".split()
)


def check(subject: Subject) -> Iterable[str]:
    """Yield dangling references of Get, Std:JsonGet and DependsOn, and a cycle."""
    found = list(steps(subject.definition))
    by_name = {step.name: step for step in found}
    declared = parameters(subject.definition)
    for step in found:
        for place, value in own_values(step):
            if isinstance(value, dict) and "Get" in value:
                yield from _get_problems(place, value["Get"], by_name, declared)
            if isinstance(value, dict) and "Std:JsonGet" in value:
                yield from _json_get_problems(place, value["Std:JsonGet"])
        for name in depends_on(step):
            if name not in by_name:
                yield f"step {step.name}: DependsOn: there is no step {name!r}"
    # With a name twice, who waits for whom is not said; structure.py reports the name.
    if len(found) == len(by_name):
        yield from _cycles(by_name)


def depends_on(step: Step) -> list[str]:
    """Return the names in a step's DependsOn."""
    listed = step.body.get("DependsOn")
    return [str(name) for name in listed] if isinstance(listed, list) else []


def referred_step(expression: str) -> str | None:
    """Return the step's name in "Steps.NAME.property", or None."""
    group, _, rest = expression.partition(".")
    return rest.partition(".")[0] if group == "Steps" else None


def gets_of(step: Step) -> Iterator[tuple[Place, str]]:
    """Yield every Get expression of a step with its place."""
    for place, value in own_values(step):
        if isinstance(value, dict) and isinstance(value.get("Get"), str):
            yield place, value["Get"]


def _get_problems(
    place: Place, expression: Any, by_name: Mapping[str, Step], declared: Mapping[str, Any]
) -> Iterable[str]:
    if not isinstance(expression, str):
        yield f"{place}: Get: is not text"
        return
    group, _, rest = expression.partition(".")
    match group:
        case "Parameters":
            if rest not in declared:
                yield f"{place}: Get {expression!r}: there is no parameter {rest!r}"
        case "Execution":
            if rest not in EXECUTION_VARIABLES:
                yield f"{place}: Get {expression!r}: there is no execution variable {rest!r}"
        case "Steps":
            name, _, path = rest.partition(".")
            if name not in by_name:
                yield f"{place}: Get {expression!r}: there is no step {name!r}"
            elif path.startswith("PropertyFiles."):
                yield from _file_problems(place, expression, by_name[name])
        case _:
            yield f"{place}: Get {expression!r}: is none of Parameters, Execution, Steps"


def _file_problems(place: Place, expression: str, step: Step) -> Iterable[str]:
    wanted = expression.rpartition(".PropertyFiles.")[2]
    files = {str(file.get("PropertyFileName")) for file in step.body.get("PropertyFiles") or ()}
    if wanted not in files:
        yield f"{place}: Get {expression!r}: step {step.name} has no property file {wanted!r}"


def _json_get_problems(place: Place, body: Any) -> Iterable[str]:
    if not isinstance(body, dict) or not body.get("Path"):
        yield f"{place}: Std:JsonGet: has no Path"
    elif not ("PropertyFile" in body or "S3Uri" in body):
        yield f"{place}: Std:JsonGet: has neither PropertyFile nor S3Uri"


def _cycles(by_name: Mapping[str, Step]) -> Iterable[str]:
    graph: dict[str, list[str]] = {}
    for name, step in by_name.items():
        before = {*depends_on(step), *({step.parent} if step.parent else ())}
        before.update(filter(None, (referred_step(get) for _, get in gets_of(step))))
        graph[name] = sorted(before & by_name.keys())
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        # graphlib lists the cycle from the waited-for to the waiting step.
        circle = " -> ".join(error.args[1])
        yield f"step {error.args[1][0]}: DependsOn: the steps wait for each other: {circle}"
