"""How one pipeline differs between two environments. Pure but for reading code."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from promotion.build.resolve import environment_values
from promotion.build.tokens import substitute
from promotion.changes import FieldChange, Kind
from promotion.comparison.model import PipelineComparison, Side
from promotion.comparison.tokenise import (
    differing,
    equal_as_they_are,
    tokenise,
    without_own_parameters,
)
from promotion.config import WorkloadEnvironment
from promotion.plan.compare import parse_definition
from promotion.plan.diff import diff_definitions
from promotion.plan.model import DefinitionDiff, ItemChange, PipelineState
from promotion.plan.ownership import GIT_COMMIT, RELEASE, edited_by_hand
from promotion.plan.scripts import CodeUri, ReadCode, diff_scripts


@dataclass(frozen=True)
class Place:
    """An environment and what it has of one pipeline.

    Attributes:
        environment: the environment.
        pipeline: the pipeline; None when the account has none.
        read_code: returns a code object's content, or None when it cannot be read.
    """

    environment: WorkloadEnvironment
    pipeline: PipelineState | None
    read_code: ReadCode


def compare_places(use_case: str, key: str, before: Place, after: Place) -> PipelineComparison:
    """Return how a pipeline differs between two environments.

    Args:
        use_case: name of the use case.
        key: key of the pipeline.
        before: the first environment.
        after: the second.
    """
    found = PipelineComparison(
        use_case, key, _side(use_case, key, before), _side(use_case, key, after)
    )
    if before.pipeline is None or after.pipeline is None:
        return found
    one, other = differing(
        _values(use_case, before, before.pipeline), _values(use_case, after, after.pipeline)
    )
    own = _own_parameters(use_case, key, before, after)
    old = tokenise(without_own_parameters(_definition(before), own), one)
    new = tokenise(without_own_parameters(_definition(after), own), other)
    keep = _Kept(one, other)
    return replace(
        found,
        definition=keep.definition(diff_definitions(old, new)),
        scripts=diff_scripts(
            old, new, read_before=_reader(before, one), read_after=_reader(after, other)
        ),
        role=keep.role(
            tokenise(before.pipeline.role_arn, one), tokenise(after.pipeline.role_arn, other)
        ),
    )


@dataclass(frozen=True)
class _Kept:
    """Drops what differs only because one environment's value happens to stand in both."""

    one: Mapping[str, str]
    other: Mapping[str, str]

    def definition(self, diff: DefinitionDiff) -> DefinitionDiff:
        return DefinitionDiff(
            self._items(diff.parameters), self._items(diff.steps), self._fields(diff.other)
        )

    def role(self, before: str, after: str) -> FieldChange | None:
        if before == after:
            return None
        field = FieldChange("RoleArn", Kind.CHANGED, before, after)
        return next(iter(self._fields((field,))), None)

    def _items(self, items: tuple[ItemChange, ...]) -> tuple[ItemChange, ...]:
        kept = (replace(item, fields=self._fields(item.fields)) for item in items)
        return tuple(item for item in kept if item.fields or item.kind is not Kind.CHANGED)

    def _fields(self, fields: tuple[FieldChange, ...]) -> tuple[FieldChange, ...]:
        return tuple(
            field
            for field in fields
            if field.kind is not Kind.CHANGED
            or not equal_as_they_are(field.before, self.one, field.after, self.other)
        )


def _side(use_case: str, key: str, place: Place) -> Side:
    name = place.environment.environment
    case = place.environment.use_cases.get(use_case)
    named = case is not None and key in case.pipelines
    if place.pipeline is None:
        return Side(name, named=named)
    tags = place.pipeline.tags
    return Side(
        environment=name,
        named=named,
        deployed=True,
        release_digest=tags.get(RELEASE, ""),
        git_commit=tags.get(GIT_COMMIT, ""),
        edited_by_hand=edited_by_hand(place.pipeline.definition_json, tags),
    )


def _values(use_case: str, place: Place, pipeline: PipelineState) -> dict[str, str]:
    return {
        **environment_values(place.environment, use_case),
        "release.digest": pipeline.tags.get(RELEASE, ""),
        "release.git_commit": pipeline.tags.get(GIT_COMMIT, ""),
    }


def _definition(place: Place) -> dict[str, Any]:
    return parse_definition(place.pipeline.definition_json) if place.pipeline else {}


def _own_parameters(use_case: str, key: str, *places: Place) -> frozenset[str]:
    """Return the parameters whose defaults are what the environments' files say, where they do."""
    settings = [place.environment.use_cases[use_case].parameters.get(key, {}) for place in places]
    live = [_defaults(_definition(place)) for place in places]
    return frozenset(
        name
        for name in {name for given in settings for name in given}
        if all(
            name not in given or (name in found and found[name] == given[name])
            for given, found in zip(settings, live, strict=True)
        )
    )


def _defaults(definition: Mapping[str, Any]) -> dict[str, Any]:
    declared = definition.get("Parameters", [])
    if not isinstance(declared, list):
        return {}
    return {
        str(each["Name"]): each["DefaultValue"]
        for each in declared
        if isinstance(each, dict) and {"Name", "DefaultValue"} <= each.keys()
    }


def _reader(place: Place, values: Mapping[str, str]) -> ReadCode:
    def read(uri: CodeUri) -> bytes | None:
        return place.read_code(replace(uri, bucket=substitute(uri.bucket, values)))

    return read
