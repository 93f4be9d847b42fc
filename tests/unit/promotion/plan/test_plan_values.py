"""Plans in memory: comparison, order of actions, tags, JSON, and the lines for a reviewer."""

import json
from dataclasses import replace

import pytest

from promotion.build.release import CodeObject, ResolvedPipeline, ResolvedRelease
from promotion.errors import PromotionError
from promotion.plan.actions import actions_of
from promotion.plan.compare import compare_release, equivalent
from promotion.plan.encode import plan_document, plan_from_document
from promotion.plan.model import (
    Action,
    CodeUpload,
    DefinitionDiff,
    FieldChange,
    GateResult,
    ItemChange,
    Kind,
    Outcome,
    PipelineChange,
    PipelineState,
    Plan,
    ReleaseReference,
    Stray,
)
from promotion.plan.ownership import definition_digest, edited_by_hand, mark_of, marked, tags_for
from promotion.plan.render import render_plan
from promotion.plan.render_changes import Line
from promotion.terraform.summary import ResourceChange, TerraformSummary

DIGEST, COMMIT = "d" * 64, "c" * 40
ROLE = "arn:aws:iam::333333333333:role/runner"


def release(definition, *, digest=DIGEST, commit=COMMIT, role=ROLE):
    text = json.dumps(definition, sort_keys=True, separators=(",", ":"))
    pipeline = ResolvedPipeline("train", "m-train", role, text)
    code = CodeObject("data", f"code/{'a' * 64}/x.py", "a" * 64, 5, "steps/x.py")
    return ResolvedRelease("m", digest, commit, (pipeline,), (code,), {"steps/x.py": b"pass\n"})


def compare(found, former=None):
    states = {"m-train": former} if former else {}
    [change] = compare_release(found, states, read_before=lambda _: None)
    return change


def test_compare__what_was_desired_is_there__is_unchanged():
    found = release({"Version": "1", "Steps": []})
    first = compare(found)
    second = compare(found, first.desired)
    assert (first.action, second.action) == (Action.CREATE, Action.UNCHANGED)
    assert (second.definition, second.scripts, second.role, second.tags) == (
        first.definition.__class__(),
        (),
        None,
        (),
    )


def test_compare__json_spaced_otherwise__is_unchanged():
    found = release({"Version": "1", "Steps": []})
    desired = compare(found).desired
    spaced = replace(desired, definition_json='{ "Steps": [],\n"Version": "1" }')
    assert compare(found, spaced).action is Action.UNCHANGED
    assert equivalent(spaced, desired)


def test_compare__other_role__is_an_update():
    former = compare(release({"Steps": []}, role=f"{ROLE}-old")).desired
    change = compare(release({"Steps": []}), former)
    assert (change.action, change.role) == (
        Action.UPDATE,
        FieldChange("RoleArn", Kind.CHANGED, f"{ROLE}-old", ROLE),
    )


def test_compare__other_commit__changes_that_tag_only():
    former = compare(release({"Steps": []}, commit="e" * 40)).desired
    change = compare(release({"Steps": []}), former)
    assert change.action is Action.UPDATE
    assert not change.definition
    assert change.tags == (FieldChange("promotion:git_commit", Kind.CHANGED, "e" * 40, COMMIT),)


def test_compare__definition_in_the_account_is_no_json__is_replaced():
    tags = tags_for("m", DIGEST, COMMIT, "{}")
    change = compare(release({"Steps": []}), PipelineState("not json", ROLE, tags))
    assert change.action is Action.UPDATE
    assert change.definition.other[-1] == FieldChange(
        "unreadable definition", Kind.REMOVED, before="not json"
    )


def test_compare__description_without_mark__is_written_anew():
    desired = compare(release({"Steps": []})).desired
    change = compare(release({"Steps": []}), replace(desired, description="mine"))
    assert (change.action, change.tags) == (Action.UPDATE, ())
    assert change.description == FieldChange(
        "PipelineDescription", Kind.CHANGED, "mine", desired.description
    )
    assert not equivalent(desired, replace(desired, description="mine"))


def test_mark__there_and_back__says_what_the_tags_say():
    tags = tags_for("m", DIGEST, COMMIT, "{}")
    mark = mark_of(tags)
    assert mark == (
        f"Written by promote: use_case=m release={DIGEST} git_commit={COMMIT} "
        f"definition={definition_digest('{}')}"
    )
    assert marked(mark) == tags
    longest = tags_for("m" * 63, DIGEST, "uncommitted", "{}")
    assert (marked(mark_of(longest)), len(mark_of(longest)) < 3072) == (longest, True)
    assert [marked(text) for text in ("", "my own", f"{mark} and more", mark[:-1])] == [{}] * 4


def test_ownership__spacing_and_order__do_not_count_as_an_edit():
    tags = tags_for("m", DIGEST, COMMIT, '{"a":1,"b":2}')
    assert not edited_by_hand('{ "b": 2, "a": 1 }', tags)
    assert edited_by_hand('{"b": 2, "a": 3}', tags)
    assert not edited_by_hand("anything", {})
    assert definition_digest("not json") != definition_digest("{}")


def plan(**changes):
    first = compare(release({"Version": "1", "Steps": []}))
    given = {
        "environment": "dev",
        "account_id": "333333333333",
        "region": "eu-west-1",
        "environment_sha256": "f" * 64,
        "releases": (ReleaseReference("m", DIGEST, COMMIT, dirty=True),),
        "pipelines": (first,),
        "code": (
            CodeUpload("data", "code/a/x.py", "a" * 64, 5, present=False),
            CodeUpload("data", "code/b/y.py", "b" * 64, 5, present=True),
        ),
        "strays": (Stray("old", "gone", "9" * 64),),
        "terraform": TerraformSummary(
            (ResourceChange("aws_sns_topic.this", "aws_sns_topic", "create", "t"),),
            has_changes=True,
        ),
        "gates": (GateResult("g", Outcome.PASSED, "well"),),
    }
    return Plan(**{**given, **changes})


def test_actions__code_then_terraform_then_pipelines():
    assert [str(action) for action in actions_of(plan())] == [
        "upload s3://data/code/a/x.py (5 bytes)",
        "terraform apply dev: 1 to add",
        "create pipeline m-train",
    ]


def test_actions__terraform_makes_the_bucket__code_follows_it():
    made = TerraformSummary(
        (ResourceChange("b", "aws_s3_bucket", "create", "data"),), has_changes=True
    )
    assert [type(action).__name__ for action in actions_of(plan(terraform=made))] == [
        "ApplyTerraform",
        "UploadCode",
        "WritePipeline",
    ]


def test_actions__nothing_to_do__is_empty():
    desired = compare(release({"Steps": []})).desired
    same = compare(release({"Steps": []}), desired)
    idle = plan(pipelines=(same,), code=(), terraform=TerraformSummary())
    assert (actions_of(idle), idle.has_changes) == ((), False)


def test_encode__there_and_back__is_the_same_plan():
    found = plan()
    assert plan_from_document(json.loads(json.dumps(plan_document(found)))) == found


def deletion(**changes):
    state = compare(release({"Version": "1", "Steps": []})).desired
    return PipelineChange("m", "train", "m-train", Action.DELETE, None, state, **changes)


def test_encode__rollback_and_deletion__are_kept():
    found = plan(pipelines=(deletion(),), purpose="destroy", reason="trial ended")
    document = json.loads(json.dumps(plan_document(found)))
    assert (document["purpose"], document["reason"]) == ("destroy", "trial ended")
    assert document["pipelines"][0]["desired"] is None
    assert plan_from_document(document) == found


@pytest.mark.parametrize(
    ("action", "gone"), [("delete", False), ("create", True), ("unchanged", True)]
)
def test_encode__action_that_does_not_fit_what_is_desired__is_refused(action, gone):
    document = json.loads(json.dumps(plan_document(plan())))
    document["pipelines"][0] |= {"action": action} | ({"desired": None} if gone else {})
    with pytest.raises(PromotionError, match="does not fit what is desired"):
        plan_from_document(document)


def test_actions__a_deletion__is_one():
    found = plan(pipelines=(deletion(),), code=(), terraform=None)
    assert [str(action) for action in actions_of(found)] == ["delete pipeline m-train"]


def test_render__a_destruction__shows_what_goes_and_what_stays():
    change = deletion(
        definition=DefinitionDiff(steps=(ItemChange("Train", Kind.REMOVED, "Training"),)),
        tags=(
            FieldChange("promotion:release", Kind.REMOVED, before=DIGEST),
            FieldChange("team", Kind.REMOVED, before="imaging"),
        ),
    )
    found = plan(
        pipelines=(change,), code=(), terraform=None, strays=(), gates=(),
        purpose="destroy", reason="trial ended",
    )  # fmt: skip
    assert [line.text for line in render_plan(found)] == [
        "dev · account 333333333333 · eu-west-1",
        "  release m dddddddddddd · commit ccccccc · uncommitted changes",
        "  destroy: trial ended",
        "",
        "Pipelines",
        "  - m-train · m/train · delete",
        "      - step Train (Training)",
        "      - tag team: imaging",
        "  SageMaker's record of their executions goes with them.",
        "  Code objects, models and what Terraform owns stay as they are.",
        "",
        "1 pipeline to delete.",
    ]


def test_render__a_plan__reads_from_account_to_verdict():
    assert [line.text for line in render_plan(plan())] == [
        "dev · account 333333333333 · eu-west-1",
        "  release m dddddddddddd · commit ccccccc · uncommitted changes",
        "",
        "Pipelines",
        "  + m-train · m/train · create",
        "",
        "Code objects",
        "  + s3://data/code/a/x.py (5 bytes)",
        "  = 1 already there",
        "",
        "Terraform",
        "  1 to add",
        "  + aws_sns_topic.this",
        "",
        "Ours, but in no use case of this environment",
        "  ? old · use case gone · release 999999999999 · left as it is",
        "",
        "Gates",
        "  passed   g: well",
        "",
        "1 pipeline to create; 1 code object to upload; Terraform: 1 to add.",
    ]


def test_render__refused__says_so_last():
    refused = plan(gates=(GateResult("g", Outcome.REFUSED, "bad", "mend it"),))
    assert [line.text for line in render_plan(refused)][-4:] == [
        "  REFUSED  g: bad",
        "             next: mend it",
        "",
        "Refused by 1 of 1 gates.",
    ]


def test_render__long_values__stand_on_lines_of_their_own():
    former = compare(release({"Version": "x" * 60})).desired
    change = compare(release({"Version": "y" * 200}), former)
    lines = [line for line in render_plan(plan(pipelines=(change,))) if "Version" in line.text]
    all_lines = render_plan(plan(pipelines=(change,)))
    at = all_lines.index(lines[0])
    assert all_lines[at : at + 3] == (
        Line("      ~ Version:", "yellow"),
        Line(f"          - {'x' * 60}", "red"),
        Line(f"          + {'y' * 159}…", "green"),
    )
