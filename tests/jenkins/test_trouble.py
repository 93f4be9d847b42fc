"""Merges that are refused, fail, meet or come too late: who is told, and what stays as it is."""

from __future__ import annotations

import pytest

from .builds import (
    APPROVED,
    CHECKS,
    DEV,
    PROD,
    differences,
    kept_plans,
    later_build,
    merge,
)
from .world import World, git


@pytest.mark.slow
def test_apply__fails_half_way__tells_people_and_the_next_build_recovers(world: World) -> None:
    apply_prod = "promote apply build/plans/prod.plan"
    world.answers(differences(**{apply_prod: [1, 0]}))
    base = git(world.repository, "rev-parse", "HEAD")
    failed = merge(world)
    assert (failed.result, failed.stages["Apply to prod"]) == ("FAILURE", "FAILURE")
    assert failed.stages["Verify prod"] == "SKIPPED"
    assert [each["arguments"]["subject"] for each in failed.steps("snsPublish")] == [
        "promotion/main #1 failed"
    ]
    assert len(failed.steps("emailext")) == 1
    # Jenkins tells the last build that succeeded, so a change to the docs brings it up again.
    world.commit("docs/later.md")
    variables = {"BRANCH_NAME": "main", "GIT_PREVIOUS_SUCCESSFUL_COMMIT": base}
    again = world.build(variables, inputs=APPROVED, previous_results=["FAILURE"])
    assert (again.result, again.ran) == ("SUCCESS", [*CHECKS, *DEV, *PROD])
    assert [each["outcome"] for each in world.accounts["prod"]] == ["failed", "applied"]
    assert [each["arguments"]["subject"] for each in again.steps("snsPublish")] == [
        "promotion/main #2 is well again"
    ]


@pytest.mark.slow
def test_apply__aborted_by_a_person__ends_the_build_and_gives_the_lock_back(world: World) -> None:
    world.answers(differences(**{"promote apply build/plans/prod.plan": [130, 0]}))
    trace = merge(world, aborts={"Apply to prod": "promote apply"})
    assert (trace.result, trace.stages["Apply to prod"]) == ("ABORTED", "ABORTED")
    assert {trace.stages[name] for name in ("Verify prod", "Record")} == {"SKIPPED"}
    assert len(trace.steps("emailext")) == len(trace.steps("snsPublish")) == 1
    again = world.build(inputs=APPROVED, previous_results=["ABORTED"])
    assert (again.result, again.stages["Apply to prod"]) == ("SUCCESS", "SUCCESS")


def test_evidence__not_in_the_ledger_yet__is_waited_for(world: World) -> None:
    world.answers(differences(**{"promote plan prod --out build/plans": [4, 4, 3]}))
    trace = merge(world)
    assert (trace.result, len(trace.steps("sleep"))) == ("SUCCESS", 2)
    assert len(trace.called("promote plan prod --out build/plans")) == 3


def test_gate__refuses_prod_for_good__asks_nobody_and_keeps_what_it_said(world: World) -> None:
    world.answers(differences(**{"promote plan prod": [4]}))
    trace = merge(world, inputs={})
    assert (trace.result, trace.stages["Plan prod"]) == ("FAILURE", "FAILURE")
    assert (trace.steps("input"), sorted(world.accounts)) == ([], ["dev"])
    assert kept_plans(trace) == ["build/plan-dev.txt", *["build/plan-prod.txt"] * 4]
    kept = world.folder / "jenkins" / "archive" / "1" / "build" / "plan-prod.txt"
    assert kept.read_text() == "plan prod exit 4\n"


def test_verify__prod_still_differs__fails_and_runs_nothing_more(world: World) -> None:
    world.answers(differences(**{"promote plan prod --out build/verify.plan": [3]}))
    trace = world.build(
        {"BRANCH_NAME": "main"}, parameters={"smokeInference": True}, inputs=APPROVED
    )
    assert (trace.result, trace.stages["Verify prod"]) == ("FAILURE", "FAILURE")
    assert {trace.stages[name] for name in ("Inference in prod", "Record")} == {"SKIPPED"}
    assert trace.called("promote run prod") == []


def test_apply_to_dev__fails__has_kept_the_plan(world: World) -> None:
    world.answers(differences(**{"promote apply build/plans/dev.plan": [1]}))
    trace = merge(world)
    kept = [each["files"] for each in trace.steps("archiveArtifacts") if "plans" in str(each)]
    assert (trace.stages["Promote to dev"], kept) == (
        "FAILURE", [["build/plans/dev.md", "build/plans/dev.plan"]],
    )  # fmt: skip


ALICE = {"answer": "approve", "by": "alice"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("answers", "answer", "result"),
    [
        # Milestones end what is older than a build that ends, however that ends.
        ({}, {"answer": "abort", "by": "alice"}, "ABORTED"),
        # The older one would bring back what the later has reverted.
        ({"promote plan prod --out build/plans": [3, 0]}, {}, "SUCCESS"),
    ],
)
def test_concurrent_merges__later_one_has_come_as_far__ends_the_earlier(
    world: World, answers: dict[str, list[int]], answer: dict[str, str], result: str
) -> None:
    world.answers(differences(**answers))
    meanwhile = later_build(world, inputs={**APPROVED, "Approve prod": answer})
    inputs = {**APPROVED, "Approve prod": {**ALICE, "meanwhile": meanwhile}}
    earlier = world.build(inputs=inputs, number=1)
    assert world.read(world.trace(2)).result == result
    assert (earlier.result, earlier.stages["Approve prod"]) == ("NOT_BUILT", "NOT_BUILT")
    assert "Apply to prod" not in earlier.stages
    assert "prod" not in world.accounts
    assert earlier.steps("emailext") == []


@pytest.mark.slow
def test_concurrent_merges__later_one_leaves_shared_accounts_alone__ends_the_earlier(
    world: World,
) -> None:
    world.answers(differences(**{"promote plan registry": [3, 0], "promote plan tooling": [3, 0]}))
    meanwhile = later_build(world, inputs=APPROVED)
    earlier = world.build(
        inputs={"Approve shared accounts": {**ALICE, "meanwhile": meanwhile}}, number=1
    )
    later = world.read(world.trace(2))
    assert (later.result, later.stages["Approve shared accounts"]) == ("SUCCESS", "SKIPPED")
    stage = earlier.stages["Approve shared accounts"]
    assert (earlier.result, stage) == ("NOT_BUILT", "NOT_BUILT")
    assert sorted(world.accounts) == ["dev", "prod"]


def test_merge__gets_the_lock_of_dev_after_a_newer_one__leaves_dev_as_it_is(world: World) -> None:
    world.answers(differences())
    base = git(world.repository, "rev-parse", "HEAD")
    newer = merge(world, number=2)
    variables = {"BRANCH_NAME": "main", "GIT_PREVIOUS_SUCCESSFUL_COMMIT": base}
    older = world.build(variables, inputs=APPROVED, number=1)
    assert (newer.result, older.result) == ("SUCCESS", "NOT_BUILT")
    assert older.stages["Promote to dev"] == "NOT_BUILT"
    assert older.called("promote plan dev") + older.called("promote run") == []
    assert [each["outcome"] for each in world.accounts["dev"]] == ["applied"]


@pytest.mark.parametrize(
    ("previous", "told"),
    [
        # What was partial, refused or superseded in between has ended no trouble.
        (["NOT_BUILT", "ABORTED", "FAILURE", "SUCCESS"], ["promotion/main #1 is well again"]),
        (["UNSTABLE"], ["promotion/main #1 is well again"]),
        (["NOT_BUILT", "SUCCESS", "FAILURE"], []),
        ([], []),
    ],
)
def test_success__after_trouble_that_nothing_has_ended__says_that_all_is_well_again(
    world: World, previous: list[str], told: list[str]
) -> None:
    trace = merge(world, "docs/how-to/read.md", inputs={}, previous_results=previous)
    assert trace.result == "SUCCESS"
    assert [each["arguments"]["subject"] for each in trace.steps("emailext")] == told
    assert [each["arguments"]["subject"] for each in trace.steps("snsPublish")] == told
