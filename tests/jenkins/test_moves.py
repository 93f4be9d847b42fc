"""Builds that a person or the clock starts: rollback, destroy, the nightly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .builds import ACCOUNTS, APPROVED, PLAN, later_build, wrote

if TYPE_CHECKING:
    from .world import World

ROLLBACK = {
    "action": "rollback", "targetEnvironment": "prod", "useCases": "mammography",
    "reason": "AUC fell; see ticket 7",
}  # fmt: skip
MOVE = ["Check", "Decide", "Move", "Plan the move", "Approve the move", "Apply the move"]


def test_rollback__approved__applies_the_plan_that_was_shown(world: World) -> None:
    world.answers({"promote rollback": [3]})
    trace = world.build(parameters={**ROLLBACK, "releaseDigest": "1f0c2ab"}, inputs=APPROVED)
    # A success would be what the next build compares with: changes that wait would be left behind.
    assert (trace.result, trace.ran) == ("NOT_BUILT", MOVE)
    assert trace.called("promote rollback") == [
        "promote rollback prod mammography --reason AUC fell; see ticket 7 --dry-run --to 1f0c2ab "
        "--out build/plans/move.plan"
    ]
    [asked] = trace.steps("input")
    [applied] = trace.called("promote apply")
    assert applied.split("--digest ")[1][:12] in asked["arguments"]["message"]
    assert world.accounts == {
        "move": [{"plan": "rollback prod exit 3", "outcome": "applied"}],
    }  # fmt: skip
    locks = [each["arguments"]["resource"] for each in trace.steps("lock")]
    assert locks == ["prod"]


@pytest.mark.slow
def test_rollbacks__of_two_environments__wait_for_their_own_approvals(world: World) -> None:
    world.answers({"promote rollback": [3]})
    other = {**ROLLBACK, "targetEnvironment": "dev"}
    meanwhile = later_build(world, inputs=APPROVED, parameters=other)
    waiting = {"answer": "approve", "by": "alice", "meanwhile": meanwhile}
    world.build(parameters=ROLLBACK, inputs={"Approve the move": waiting})
    assert [(each["plan"], each["outcome"]) for each in world.accounts["move"]] == [
        ("rollback dev exit 3", "applied"), ("rollback prod exit 3", "applied"),
    ]  # fmt: skip


def test_destroy__dry_run__plans_and_asks_nobody(world: World) -> None:
    world.answers({"promote destroy": [3]})
    parameters = {**ROLLBACK, "action": "destroy", "targetEnvironment": "dev", "dryRun": True}
    trace = world.build(parameters=parameters)
    assert (trace.result, trace.ran) == ("NOT_BUILT", ["Check", "Decide", "Move", "Plan the move"])
    assert (len(trace.called("promote destroy")), world.accounts) == (1, {})


def test_prod_account__of_another_account__is_refused_before_any_credentials(world: World) -> None:
    trace = world.build(parameters={"prodAccount": ACCOUNTS["dev"]})
    log = (world.folder / "jenkins" / "log-1.txt").read_text()
    assert (trace.result, trace.ran) == ("FAILURE", ["Check", "Decide"])
    assert "prodAccount: 333333333333 is not prod, whose account is 444444444444" in log
    assert (wrote(trace), world.accounts) == ([], {})


NIGHTLY = {"JOB_BASE_NAME": "nightly", "JOB_NAME": "nightly"}


@pytest.mark.parametrize(
    ("answers", "result", "told"),
    [
        ({}, "SUCCESS", []),
        ({"promote status": [3]}, "UNSTABLE", ["differs from the repository: pipelines"]),
        ({"promote plan prod": [3]}, "UNSTABLE", ["differs from the repository: prod"]),
        (
            {"promote plan prod": [4]},
            "UNSTABLE",
            ["differs from the repository: prod (a gate refuses the plan)"],
        ),
        (
            {"promote plan tooling": [1], "promote plan prod": [3]},
            "FAILURE",
            ["differs from the repository: prod"],
        ),
    ],
)
def test_nightly__looks_at_every_account__and_never_applies(
    world: World, answers: dict[str, list[int]], result: str, told: list[str]
) -> None:
    world.answers(answers)
    trace = world.build(NIGHTLY)
    assert (trace.result, trace.ran) == (result, ["Check", "Decide", "Nightly"])
    assert [each["arguments"]["message"] for each in trace.steps("unstable")] == told
    assert trace.called("promote status") == ["promote status --exit-code --json"]
    assert trace.called("promote plan") == [
        f"promote plan {name} --no-pipelines --json"
        for name in ("tooling", "registry", "dev", "prod")
    ]
    assert len(trace.steps("snsPublish")) == len(trace.steps("emailext")) == (result != "SUCCESS")
    assert {call["role"] for call in trace.calls} == {"", PLAN}
    assert (wrote(trace), world.accounts) == ([], {})
