"""The changes that bring an account to a release. Pure but for reading former code."""

import json
from collections.abc import Mapping
from typing import Any

from promotion.build.release import ResolvedPipeline, ResolvedRelease
from promotion.changes import FieldChange, Kind, diff_values, same
from promotion.plan.diff import diff_definitions
from promotion.plan.model import (
    Action,
    DefinitionDiff,
    PipelineChange,
    PipelineState,
    ScriptDiff,
)
from promotion.plan.ownership import mark_of, marked, tags_for
from promotion.plan.scripts import ReadCode, diff_scripts


def compare_release(
    release: ResolvedRelease, former: Mapping[str, PipelineState], *, read_before: ReadCode
) -> tuple[PipelineChange, ...]:
    """Return what happens to each pipeline of a release.

    Args:
        release: the release in this environment.
        former: the account's pipelines by name; those that it lacks are missing.
        read_before: returns a former code object's content, or None when it cannot be read.
    """
    paths = {item.sha256: item.path for item in release.code_objects}
    return tuple(
        compare_pipeline(
            release,
            pipeline,
            former.get(pipeline.name),
            read_before=read_before,
            read_after=lambda uri: release.code.get(paths.get(uri.sha256, "")),
        )
        for pipeline in release.pipelines
    )


def compare_pipeline(
    release: ResolvedRelease,
    pipeline: ResolvedPipeline,
    former: PipelineState | None,
    *,
    read_before: ReadCode,
    read_after: ReadCode,
) -> PipelineChange:
    """Return what happens to one pipeline.

    Args:
        release: the release it belongs to.
        pipeline: the pipeline as it shall be.
        former: the pipeline as the account has it; None when it has none.
        read_before: returns a former code object's content, or None when it cannot be read.
        read_after: returns a new code object's content.
    """
    desired = desired_state(release, pipeline)
    definition = DefinitionDiff()
    scripts: tuple[ScriptDiff, ...] = ()
    # Nearly all of a fleet is as it was: equal texts need no parsing and no comparison.
    if former is None or former.definition_json != desired.definition_json:
        old = parse_definition(former.definition_json) if former else {}
        new = parse_definition(desired.definition_json)
        definition = diff_definitions(old, new)
        scripts = diff_scripts(old, new, read_before=read_before, read_after=read_after)
    role = _role_change(former, desired)
    tag_changes = tuple(diff_values(former.tags if former else {}, desired.tags))
    description = _description_change(former, desired)
    if former is None:
        action = Action.CREATE
    elif definition or role or tag_changes or description:
        action = Action.UPDATE
    else:
        action = Action.UNCHANGED
    return PipelineChange(
        use_case=release.use_case,
        key=pipeline.key,
        name=pipeline.name,
        action=action,
        desired=desired,
        former=former,
        definition=definition,
        scripts=scripts,
        role=role,
        tags=tag_changes,
        description=description,
    )


def desired_state(release: ResolvedRelease, pipeline: ResolvedPipeline) -> PipelineState:
    """Return what promotion writes of a pipeline of a release."""
    tags = tags_for(release.use_case, release.digest, release.git_commit, pipeline.definition_json)
    return PipelineState(pipeline.definition_json, pipeline.role_arn, tags, mark_of(tags))


def equivalent(one: PipelineState, other: PipelineState) -> bool:
    """Return whether two states of a pipeline are the same to SageMaker and to us.

    Tags are not compared: the description's mark says the same.
    """
    return (
        _same_definition(one.definition_json, other.definition_json)
        and one.role_arn == other.role_arn
        and one.description == other.description
    )


def _same_definition(one: str, other: str) -> bool:
    return one == other or same(parse_definition(one), parse_definition(other))


def parse_definition(definition_json: str) -> dict[str, Any]:
    """Return a definition as data; one that is no JSON object becomes a single odd field."""
    try:
        found = json.loads(definition_json)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"unreadable definition": definition_json}


def _description_change(former: PipelineState | None, desired: PipelineState) -> FieldChange | None:
    # A mark that differs is told by what it says, as changes of tags.
    if former is None or marked(former.description):
        return None
    return FieldChange("PipelineDescription", Kind.CHANGED, former.description, desired.description)


def _role_change(former: PipelineState | None, desired: PipelineState) -> FieldChange | None:
    if former is None or former.role_arn == desired.role_arn:
        return None
    return FieldChange("RoleArn", Kind.CHANGED, former.role_arn, desired.role_arn)
