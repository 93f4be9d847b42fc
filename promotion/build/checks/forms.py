"""Steps, conditions and functions have the form that the service, and the other checks, expect."""

from collections.abc import Callable, Iterable
from typing import Any

from promotion.build.checks import Subject
from promotion.build.definition import Place, Step, own_values, steps

_COMPARED = ("LeftValue", "RightValue")
# "Not" holds a "Condition": https://github.com/aws/sagemaker-python-sdk/issues/2746
CONDITIONS = {
    "Equals": _COMPARED,
    "GreaterThan": _COMPARED,
    "GreaterThanOrEqualTo": _COMPARED,
    "LessThan": _COMPARED,
    "LessThanOrEqualTo": _COMPARED,
    "In": ("QueryValue", "Values"),
    "Not": ("Condition",),
    "Or": ("Conditions",),
}


def check(subject: Subject) -> Iterable[str]:
    """Yield members of the wrong kind, and conditions that are none."""
    listed = subject.definition.get("Steps")
    for index, body in enumerate(listed if isinstance(listed, list) else ()):
        if not isinstance(body, dict):
            yield f"Steps[{index}]: is not an object"
    for step in steps(subject.definition):
        yield from _members(step)
        for place, value in own_values(step):
            if isinstance(value, dict) and "Std:Join" in value:
                join = value["Std:Join"]
                if not isinstance(join, dict) or not isinstance(join.get("Values"), list):
                    yield f"{place}: Std:Join: has no list of Values"
        if step.type == "Condition" and isinstance(step.arguments, dict):
            place = Place(step.name, "Arguments.Conditions")
            yield from _conditions(step.arguments.get("Conditions", []), place)


def _members(step: Step) -> Iterable[str]:
    rules: dict[str, tuple[Callable[[Any], bool], str]] = {
        "Arguments": (lambda value: isinstance(value, dict), "an object"),
        "DependsOn": (lambda value: _is_list_of(value, str), "a list of step names"),
        "PropertyFiles": (lambda value: _is_list_of(value, dict), "a list of objects"),
        "OutputParameters": (lambda value: _is_list_of(value, dict), "a list of objects"),
        "RetryPolicies": (lambda value: _is_list_of(value, dict), "a list of objects"),
        "CacheConfig": (
            lambda value: isinstance(value, dict) and isinstance(value.get("Enabled"), bool),
            "an object with Enabled true or false",
        ),
    }
    for name, (fits, form) in rules.items():
        value = step.body.get(name)
        given = name in step.body if name == "Arguments" else value is not None
        if given and not fits(value):
            yield f"step {step.name}: {name}: is not {form}"


def _is_list_of(value: Any, kind: type) -> bool:
    return isinstance(value, list) and all(isinstance(item, kind) for item in value)


def _conditions(listed: Any, place: Place) -> Iterable[str]:
    if not isinstance(listed, list):
        yield f"{place}: is not a list"
        return
    for index, condition in enumerate(listed):
        yield from _condition(condition, place.index(index))


def _condition(condition: Any, place: Place) -> Iterable[str]:
    kind = condition.get("Type") if isinstance(condition, dict) else None
    if not isinstance(condition, dict) or not isinstance(kind, str) or kind not in CONDITIONS:
        yield f"{place}: Type {kind!r} is none of {', '.join(CONDITIONS)}"
        return
    missing = [name for name in CONDITIONS[kind] if name not in condition]
    yield from (f"{place}: {kind}: has no {name}" for name in missing)
    if kind == "Not" and not missing:
        yield from _condition(condition["Condition"], place.key("Condition"))
    if kind == "Or" and not missing:
        yield from _conditions(condition["Conditions"], place.key("Conditions"))
