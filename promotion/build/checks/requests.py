"""Each job step's Arguments fit the request of the API call that SageMaker makes of them."""

from collections.abc import Iterable
from typing import Any

from promotion.build.checks import Subject
from promotion.build.checks.shapes import STEP_APIS, request_shape
from promotion.build.definition import Place, is_reference, steps

SCALARS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "boolean": (bool,),
}


def check(subject: Subject) -> Iterable[str]:
    """Yield unknown and missing members, and values of the wrong kind."""
    for step in steps(subject.definition):
        shape = request_shape(step.type)
        if shape is None or not isinstance(step.arguments, dict):
            continue
        filled = STEP_APIS[step.type].named_by_service
        place = Place(step.name, "Arguments")
        yield from _structure(step.arguments, shape, place, filled)


def _value(value: Any, shape: Any, place: Place) -> Iterable[str]:
    # SDK v3 writes null for what is not given; the service takes it as absent.
    if value is None or is_reference(value):
        return
    match shape.type_name:
        case "structure":
            yield from _structure(value, shape, place, frozenset())
        case "list":
            yield from _list(value, shape, place)
        case "map":
            if not isinstance(value, dict):
                yield f"{place}: is not an object"
                return
            for key, inner in value.items():
                yield from _value(inner, shape.value, place.key(key))
        case kind if kind in SCALARS:
            yield from _scalar(value, shape, place)
        case _:
            pass


def _structure(value: Any, shape: Any, place: Place, filled: frozenset[str]) -> Iterable[str]:
    if not isinstance(value, dict):
        yield f"{place}: is not an object"
        return
    for name in shape.required_members:
        if name not in filled and value.get(name) is None:
            yield f"{place.key(name)}: is missing"
    for name, inner in value.items():
        if name not in shape.members:
            yield f"{place.key(name)}: {shape.name} has no such member"
        else:
            yield from _value(inner, shape.members[name], place.key(name))


def _list(value: Any, shape: Any, place: Place) -> Iterable[str]:
    if not isinstance(value, list):
        yield f"{place}: is not a list"
        return
    yield from _range_problems(len(value), shape, place, "items")
    for index, inner in enumerate(value):
        yield from _value(inner, shape.member, place.index(index))


def _scalar(value: Any, shape: Any, place: Place) -> Iterable[str]:
    kinds = SCALARS[shape.type_name]
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        yield f"{place}: {_short(value)} is not of the type {shape.type_name}"
    elif isinstance(value, str):
        # A token's value is not known yet, nor is its length.
        if "${" in value:
            return
        allowed = shape.metadata.get("enum")
        if allowed and value not in allowed:
            yield f"{place}: {_short(value)} is not known to botocore's {shape.name}"
        yield from _range_problems(len(value), shape, place, "characters")
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _range_problems(value, shape, place, "")


def _range_problems(size: float, shape: Any, place: Place, unit: str) -> Iterable[str]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and size < low:
        yield f"{place}: {size} {unit}".rstrip() + f" is below the minimum of {low}"
    if high is not None and size > high:
        yield f"{place}: {size} {unit}".rstrip() + f" is above the maximum of {high}"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."  # noqa: PLR2004 - bounded message
