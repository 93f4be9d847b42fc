"""The real commands in the real sandbox, under enforcement: the builds that change something.

A merge fills empty accounts; the nightly finds what somebody did by hand; a pull request reads; a
second merge fails half-way in prod, and the next build recovers; a rollback brings the first back;
a destruction ends it. `conftest.py` has the builds. Terraform's provider waits most of the
minutes, so all of it is one story in one process of its own.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from .builds import MAIN
from .world import CONFIGURED, HERE, ROOT

if TYPE_CHECKING:
    from .chapters import Chapter
    from .live import Live

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("jenkins"),
    pytest.mark.timeout(1800),
]
MOVED = ["Check", "Decide", "Move", "Plan the move", "Approve the move", "Apply the move"]


def test_merge__empty_accounts__takes_the_project_to_a_promoted_release(
    live: Live, merged: Chapter
) -> None:
    stages = merged.trace.stages
    skipped = {name for name, outcome in stages.items() if outcome == "SKIPPED"}
    assert skipped == {"Review", "Inference in prod", "Move", "Nightly"}
    assert merged.after.releases("dev") == merged.after.releases("prod")
    assert sorted(merged.after.pipelines["prod"]) == ["mammography-inference", "mammography-train"]
    published = live.archived(merged.number, "build/published.json")["releases"]
    assert {each["digest"] for each in published} == merged.after.releases("prod")
    status = live.archived(merged.number, "build/status.json")["statuses"]
    assert [(each["environment"], each["model_in_service"]) for each in status] == [("prod", 1)]
    assert merged.after.locks == ()


def test_merge__prints__no_secret(live: Live, merged: Chapter) -> None:
    jenkins = live.estate.sandbox.environment("jenkins")
    assert "promote apply" in merged.log
    assert [
        name
        for name in ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
        if jenkins[name] in merged.log
    ] == []


def test_nightly__pipeline_and_resource_changed_by_hand__tells_people_and_leaves_them(
    merged: Chapter, nightly: Chapter
) -> None:
    assert nightly.ended == ("UNSTABLE", ["Check", "Decide", "Nightly"]), nightly.said
    assert [each["arguments"]["message"] for each in nightly.trace.steps("unstable")] == [
        "differs from the repository: pipelines, prod"
    ]
    assert nightly.subjects() == [f"nightly #{nightly.number} found differences"]
    assert nightly.writes == set()
    assert nightly.after.ledger == merged.after.ledger
    left = {**merged.after.pipelines["prod"], **nightly.after.pipelines["prod"]}
    changed = [
        name for name, each in left.items() if each != merged.after.pipelines["prod"].get(name)
    ]
    assert changed == ["mammography-inference"]
    assert '"edited": "by hand"' in left["mammography-inference"].definition


def test_nightly__nothing_differs__says_that_all_is_well_again(
    merged: Chapter, well_again: Chapter
) -> None:
    trace = well_again.trace
    assert (trace.result, trace.steps("unstable")) == ("SUCCESS", []), well_again.said
    assert well_again.subjects("emailext") == [f"nightly #{well_again.number} is well again"]
    assert (well_again.writes, well_again.after) == (set(), merged.after)


def test_pull_request__after_the_merge__reads_as_the_plan_role_and_changes_nothing(
    well_again: Chapter, reviewed: Chapter
) -> None:
    assert reviewed.ended == (
        "SUCCESS", ["Check", "Decide", "Lint", "Test", "Build", "Review"],
    ), reviewed.said  # fmt: skip
    assert (reviewed.writes, reviewed.after) == (set(), well_again.after)
    callers = [each.request.caller for each in reviewed.asked if each.decision.allowed]
    roles = {str(each.role_arn).rpartition("/")[2] for each in callers if each.kind == "session"}
    assert roles == {CONFIGURED["JENKINS_ROLE"], CONFIGURED["PLAN_ROLE"]}
    assert [each.arn for each in callers if each.kind == "user"] == []
    comment = reviewed.trace.steps("publishChecks")[0]["arguments"]["summary"]
    assert "### prod" in comment
    assert "a change to review" in comment


def test_second_merge__fails_half_way_in_prod__puts_prod_back(
    merged: Chapter, half_way: Chapter
) -> None:
    assert half_way.ended == (
        "FAILURE",
        ["Check", "Decide", "Lint", "Test", "Build", "Publish", "Dev", "Promote to dev",
         "Train in dev", "Inference in dev", "Plan prod", "Approve prod", "Prod", "Apply to prod"],
    ), half_way.said  # fmt: skip
    assert half_way.trace.stages["Apply to prod"] == "FAILURE"
    assert "mammography-inference: changed and restored" in half_way.log
    assert "mammography-train: changed and restored" in half_way.log  # its tags
    assert half_way.after.pipelines["prod"] == merged.after.pipelines["prod"]
    [old], [new] = half_way.after.releases("prod"), half_way.after.releases("dev")
    assert old != new
    assert half_way.after.told("apply") == [("applied", old, ""), ("failed", new, "")]
    assert half_way.after.locks == ()
    assert half_way.subjects() == [f"promotion/main #{half_way.number} failed"]


def test_next_build__release_that_failed__brings_prod_to_it_and_builds_nothing(
    half_way: Chapter, met: tuple[Chapter, Chapter]
) -> None:
    _, recovered = met
    assert recovered.ended == (
        "NOT_BUILT",
        ["Check", "Decide", "Plan prod", "Approve prod", "Prod", "Apply to prod", "Verify prod",
         "Record"],
    ), recovered.said  # fmt: skip
    [new] = recovered.after.releases("prod")
    assert recovered.after.pipelines["dev"] == half_way.after.pipelines["dev"]
    assert recovered.after.releases("dev") == {new}
    told = half_way.after.told("apply")
    assert recovered.after.told("apply") == [*told, ("applied", new, "")]
    assert recovered.after.locks == ()


def test_rollback__after_both_releases__has_the_first_exactly_and_its_reason_in_the_ledger(
    live: Live, merged: Chapter, met: tuple[Chapter, Chapter], rolled_back: Chapter
) -> None:
    # A success would be what the next build compares with: changes that wait would be left behind.
    assert rolled_back.ended == ("NOT_BUILT", MOVED), rolled_back.said
    assert rolled_back.after.pipelines == {
        "prod": merged.after.pipelines["prod"], "dev": met[1].after.pipelines["dev"],
    }  # fmt: skip
    [first] = rolled_back.after.releases("prod")
    assert rolled_back.after.told("rollback") == [("applied", first, "AUC fell; see ticket 7")]
    approval = live.archived(rolled_back.number, "build/approval-move.json")
    assert (approval["plan"], approval["approved_by"]) == ("move", "alice")
    assert rolled_back.after.ledger[-1]["details"]["plan_digest"] == approval["digest"]


def test_destroy__approved__takes_the_pipelines_out_of_prod_and_nothing_else(
    live: Live, rolled_back: Chapter, destroyed: Chapter, destructive: dict[str, str]
) -> None:
    assert destroyed.ended == ("NOT_BUILT", MOVED), destroyed.said
    assert destroyed.after.pipelines == {"prod": {}, "dev": rolled_back.after.pipelines["dev"]}
    assert {action for role, action in destroyed.writes if role == CONFIGURED["DEPLOY_ROLE"]} == {
        "s3:PutObject", "s3:DeleteObject", "lambda:InvokeFunction", "sagemaker:DeletePipeline",
    }  # fmt: skip
    [first] = rolled_back.after.releases("prod")
    # To the letter, and no shell has run any of it.
    assert destroyed.after.told("destroy") == [("applied", first, destructive["reason"])]
    assert not live.owned.exists()
    assert len(destroyed.after.ledger) == len(rolled_back.after.ledger) + 1
    assert destroyed.after.locks == ()


def test_stage__its_session__becomes_no_role_but_its_own(live: Live, merged: Chapter) -> None:
    # The functions of the real Jenkinsfile, in a build that has nothing else to do.
    text = (ROOT / "Jenkinsfile").read_text("utf-8")
    functions = text[text.index("\n}\n", text.index("\npipeline {")) + 3 :]
    assert "acting(readers()) { review() }" in text
    assert "acting(readers() + [deployer(environment)])" in functions
    live.install("steal", HERE / "steal.py")
    live.jenkinsfile = live.folder / "Jenkinsfile.stolen"
    live.jenkinsfile.write_text(
        "pipeline { agent any\n stages { stage('Steal') { steps { script {\n"
        "acting(readers()) { sh 'steal review' }\n"
        "acting(readers() + [deployer('dev')]) { sh 'steal dev' }\n"
        f"}} }} }} }} }}\n{functions}"
    )
    chapter = live.chapter(MAIN)
    live.jenkinsfile = ROOT / "Jenkinsfile"
    assert chapter.trace.result == "SUCCESS", chapter.said
    readers = {
        "PLAN_ROLE in PROD_ACCOUNT": "allowed",
        "DEPLOY_ROLE in PROD_ACCOUNT": "AccessDenied",
        "DEPLOY_ROLE in DEV_ACCOUNT": "AccessDenied",
        "BUILD_ROLE in JENKINS_ACCOUNT": "AccessDenied",
        "JENKINS_ROLE in JENKINS_ACCOUNT": "AccessDenied",
        "without a session": "NoCredentials",
    }
    stolen = {
        name: json.loads((live.stand_in / f"stolen-{name}.json").read_text())
        for name in ("review", "dev")
    }
    # Dev's stages, which nobody approves, may become dev's deploy role besides.
    assert stolen == {
        "review": readers, "dev": {**readers, "DEPLOY_ROLE in DEV_ACCOUNT": "allowed"},
    }  # fmt: skip
