"""Builds that a person or the clock starts: rollback, destroy, chosen releases, the nightly."""

from __future__ import annotations

import pytest

from .builds import (
    ACCOUNTS,
    APPROVED,
    PLAN,
    PROD,
    differences,
    kept_plans,
    later_build,
    wrote,
)
from .world import World, git

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


def test_rollback__a_gate_refuses__asks_nobody_and_keeps_what_it_said(world: World) -> None:
    world.answers({"promote rollback": [4]})
    trace = world.build(parameters=ROLLBACK)
    assert (trace.result, trace.stages["Plan the move"]) == ("FAILURE", "FAILURE")
    assert (trace.steps("input"), kept_plans(trace)) == ([], ["build/plan-move.txt"])
    assert world.accounts == {}


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


def test_release__chosen__is_neither_built_nor_published_again(world: World) -> None:
    world.answers(differences(**{"promote plan prod --no-terraform --out build/verify.plan": [0]}))
    parameters = {
        "useCases": "mammography",
        "releaseDigest": "1f0c2ab",
        "targetEnvironment": "prod",
    }
    head = git(world.repository, "rev-parse", "HEAD")
    trace = world.build(
        {"BRANCH_NAME": "main", "GIT_PREVIOUS_SUCCESSFUL_COMMIT": head},
        parameters=parameters, inputs=APPROVED,
    )  # fmt: skip
    assert (trace.result, trace.ran) == ("NOT_BUILT", ["Check", "Decide", *PROD])
    assert trace.called("promote build") + trace.called("promote publish") == []
    # This commit's Terraform has other functions than an earlier release.
    assert trace.called("promote plan") == [
        f"promote plan prod --no-terraform --out build/{file}.plan"
        for file in ("plans/prod", "verify")
    ]


def test_prod_account__of_another_account__is_refused_before_any_credentials(world: World) -> None:
    trace = world.build(parameters={"prodAccount": ACCOUNTS["dev"]})
    log = (world.folder / "jenkins" / "log-1.txt").read_text()
    assert (trace.result, trace.ran) == ("FAILURE", ["Check", "Decide"])
    assert "prodAccount: 333333333333 is not prod, whose account is 444444444444" in log
    assert (wrote(trace), world.accounts) == ([], {})


def test_parameters__injected_or_wrong__are_refused_before_any_credentials(world: World) -> None:
    # Not in the workspace, which is wiped before this test looks.
    owned = world.folder / "owned"
    parameters = {
        "useCases": f"$(touch${{IFS}}{owned})", "releaseDigest": f"`touch {owned}`",
        "prodAccount": f"1 && touch {owned}", "reason": f"; touch {owned}",
    }  # fmt: skip
    trace = world.build(parameters=parameters)
    log = (world.folder / "jenkins" / "log-1.txt").read_text()
    assert (trace.result, trace.ran) == ("FAILURE", ["Check", "Decide"])
    assert [line for line in log.splitlines() if line.startswith("  - ")] == [
        f"  - releaseDigest: {parameters['releaseDigest'][:60]!r} is no digest: 7 to 64 "
        "hexadecimal digits",
        f"  - prodAccount: {parameters['prodAccount'][:60]!r} is no account id: 12 digits",
        f"  - useCases: {parameters['useCases'][:60]!r} is no name of a use case",
    ]
    assert not owned.exists()
    assert (wrote(trace), trace.steps("withAWS")[1:]) == ([], [])


def test_reason__with_shell_in_it__arrives_as_it_is_and_runs_nothing(world: World) -> None:
    world.answers({"promote rollback": [3]})
    owned = world.folder / "owned"
    reason = f'\'; touch {owned}; $(touch {owned}) `touch {owned}` "$HOME"'
    trace = world.build(parameters={**ROLLBACK, "reason": reason}, inputs=APPROVED)
    [call] = [each for each in trace.calls if each["words"][0] == "rollback"]
    assert call["words"][call["words"].index("--reason") + 1] == reason
    assert not owned.exists()


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
