"""The Jenkinsfile in every situation: which stages and calls, what must not run, what is applied.

Commands are stand-ins that note their arguments and the roles that they could become, need the
roles that the real ones need, and answer with documented exit codes.
"""

from __future__ import annotations

import json
import re
import sys
from typing import Any

import pytest

from .picture import ANSWERS, APPROVALS, PICTURE, svg
from .world import CONFIGURED, HERE, ROOT, Harness, Trace, World, git, make_world

PLAN, DEPLOY, BUILD = (CONFIGURED[name] for name in ("PLAN_ROLE", "DEPLOY_ROLE", "BUILD_ROLE"))
APPROVED = {stage: {"answer": "approve", "by": "alice"} for stage in APPROVALS}
ACCOUNTS = {
    "tooling": "111111111111", "registry": "222222222222", "dev": "333333333333",
    "prod": "444444444444",
}  # fmt: skip
CHECKS = ["Check", "Decide", "Lint", "Test", "Build"]
SHARED = [
    "Shared accounts", "Plan shared accounts", "Approve shared accounts", "Apply shared accounts",
]  # fmt: skip
DEV = ["Publish", "Dev", "Promote to dev", "Train in dev", "Inference in dev"]
PROD = ["Plan prod", "Approve prod", "Prod", "Apply to prod", "Verify prod", "Record"]
PULL_REQUEST = {"BRANCH_NAME": "PR-7", "CHANGE_ID": "7", "CHANGE_TARGET": "main"}
WRITES = ("promote apply", "promote publish", "promote run", "promote rollback", "promote destroy")


def differences(**more: list[int]) -> dict[str, list[int]]:
    """Return exit codes of a promotion; the longest beginning of a command line is asked first."""
    codes = {**ANSWERS, **more}
    return dict(sorted(codes.items(), key=lambda each: -len(each[0])))


def merge(world: World, path: str = "pipelines/mammography/train.py", **more: Any) -> Trace:
    """Commit a change to `main` and build it."""
    previous = git(world.repository, "rev-parse", "HEAD")
    world.commit(path)
    variables = {"BRANCH_NAME": "main", "GIT_PREVIOUS_SUCCESSFUL_COMMIT": previous}
    return world.build(variables, **{"inputs": APPROVED, **more})


def pull_request(world: World, path: str, **variables: str) -> Trace:
    """Commit a change to a branch and build its pull request."""
    git(world.repository, "checkout", "--quiet", "-b", "feature")
    world.commit(path)
    git(world.repository, "checkout", "--quiet", "main")
    clone = ["git", "clone", "--quiet", "--branch", "feature", str(world.repository), "."]
    return world.build({**PULL_REQUEST, **variables}, checkout=clone)


def wrote(trace: Trace) -> list[str]:
    """Return the commands that change an account."""
    return [line for line in trace.lines if line.startswith(WRITES)]


def deploying(environment: str) -> str:
    """Return what the session of an apply may become: readers everywhere, one role that writes."""
    return f"{PLAN}+{DEPLOY}@{ACCOUNTS[environment]}"


@pytest.fixture(scope="module")
def first(harness: Harness, tmp_path_factory: pytest.TempPathFactory) -> tuple[World, Trace]:
    """The first merge of all: everything has changed, and everything differs."""
    world = make_world(harness, tmp_path_factory.mktemp("first"))
    world.answers(differences())
    return world, world.build(inputs=APPROVED)


def test_first_merge__approved__runs_every_stage_in_order_under_the_least_role(
    first: tuple[World, Trace],
) -> None:
    world, trace = first
    assert (trace.result, trace.ran) == ("SUCCESS", [*CHECKS, *SHARED, *DEV, *PROD])
    assert [
        (each["line"].partition(" --")[0], each["role"])
        for each in trace.calls
        if each["line"].startswith("promote") and not each["line"].startswith("promote ci")
    ] == [
        ("promote validate", ""),
        ("promote build", ""),
        ("promote plan registry", PLAN),
        ("promote plan tooling", PLAN),
        ("promote apply build/plans/registry.plan", deploying("registry")),
        ("promote apply build/plans/tooling.plan", deploying("tooling")),
        ("promote publish", f"{BUILD}@{ACCOUNTS['tooling']}"),
        ("promote plan dev", PLAN),
        ("promote apply build/plans/dev.plan", deploying("dev")),
        ("promote run dev mammography train", deploying("dev")),
        ("promote run dev mammography inference", deploying("dev")),
        ("promote plan prod", PLAN),
        ("promote apply build/plans/prod.plan", deploying("prod")),
        ("promote plan prod", PLAN),
        ("promote status prod", PLAN),
        ("promote releases", PLAN),
    ]
    assert {name: [each["outcome"] for each in of] for name, of in world.accounts.items()} == {
        "registry": ["applied"], "tooling": ["applied"], "dev": ["applied"], "prod": ["applied"],
    }  # fmt: skip


def test_picture__is_of_this_jenkinsfile(first: tuple[World, Trace]) -> None:
    assert PICTURE.read_text("utf-8") == svg(first[1]), "run `make docs`"


def test_merge__of_a_use_case__leaves_the_shared_accounts_and_builds_once(world: World) -> None:
    world.answers(differences())
    trace = merge(world)
    assert (trace.result, trace.ran) == ("SUCCESS", [*CHECKS, *DEV, *PROD])
    assert trace.called("promote build") == ["promote build"]
    plans = [call for call in trace.calls if call["line"].startswith("promote plan")]
    assert [(call["words"][1], call["use_cases"]) for call in plans] == [
        ("dev", "mammography"), ("prod", "mammography"), ("prod", "mammography"),
    ]  # fmt: skip
    assert sorted(world.accounts) == ["dev", "prod"]


def test_first_merge__waits_for_a_person__holds_no_agent_and_ends_by_itself(
    first: tuple[World, Trace],
) -> None:
    world, trace = first
    asked = trace.steps("input")[-1]
    assert (asked["agent"], asked["timeout_seconds"]) == (None, 20 * 3600)
    assert asked["arguments"]["submitter"] == "acme*ml-approvers"
    [digest] = [
        each["line"].split("--digest ")[1]
        for each in world.calls()
        if each["line"].startswith("promote apply build/plans/prod.plan")
    ]
    assert f"Plan file {digest[:12]}." in asked["arguments"]["message"]


def test_first_merge__every_process__has_a_timeout_within_its_session(
    first: tuple[World, Trace],
) -> None:
    _, trace = first
    held = [each for each in trace.steps("sh") if each["role"]]
    assert [
        each["timeout_seconds"] for each in trace.steps("sh") if not each["timeout_seconds"]
    ] == []
    assert {each["timeout_seconds"] <= 3600 for each in held} == {True}
    assert {each["arguments"]["duration"] for each in trace.steps("withAWS")} == {3600}
    applies = [each for each in held if "promote apply" in each["arguments"]["script"]]
    assert {each["timeout_seconds"] for each in applies} == {45 * 60}


def test_merge__nothing_differs__asks_nobody_and_applies_nothing(world: World) -> None:
    trace = merge(world, inputs={})
    assert (trace.result, trace.ran) == ("SUCCESS", [*CHECKS, *DEV, "Plan prod"])
    assert (trace.called("promote apply"), world.accounts) == ([], {})


def test_pull_request__of_a_use_case__plans_under_the_plan_role_and_writes_nothing(
    world: World,
) -> None:
    world.answers({"promote plan prod": [4], "promote plan": [3]})
    trace = pull_request(world, "pipelines/mammography/train.py")
    assert (trace.result, trace.ran) == ("SUCCESS", [*CHECKS, "Review"])
    assert (wrote(trace), world.accounts, trace.steps("input")) == ([], {}, [])
    assert {call["role"] for call in trace.calls} == {"", PLAN}
    [comment] = trace.steps("publishChecks")
    assert comment["arguments"]["summary"] == "what the plans do"
    assert comment["arguments"]["conclusion"] == "SUCCESS"
    [kept] = [each for each in trace.steps("archiveArtifacts") if "review" in str(each)]
    assert kept["files"] == ["build/review-dev.json", "build/review-prod.json", "build/review.md"]
    assert trace.steps("emailext") + trace.steps("snsPublish") == []


def test_pull_request__a_gate_refuses_for_good__fails_and_still_shows_the_plans(
    world: World,
) -> None:
    world.answers({"promote plan": [4], "promote ci summary": [4]})
    trace = pull_request(world, "mlops-infra/accounts/prod/main.tf")
    assert (trace.result, trace.stages["Review"]) == ("FAILURE", "FAILURE")
    assert len(trace.called("promote plan")) == 4
    assert trace.steps("publishChecks")[0]["arguments"]["conclusion"] == "FAILURE"


def test_fork__gets_no_credentials_and_no_agent_that_plans(world: World) -> None:
    world.answers(differences())
    trace = pull_request(world, "pipelines/mammography/train.py", CHANGE_FORK="stranger")
    assert (trace.result, trace.ran) == ("SUCCESS", CHECKS)
    assert trace.steps("withAWS") == []
    assert {each["label"] for each in trace.events if each["kind"] == "agent"} == {
        "promotion-check"
    }
    assert {call["role"] for call in trace.calls} == {""}


@pytest.mark.parametrize("variables", [{"CHANGE_FORK": "stranger"}, {}])
def test_pull_request__that_forges_the_decision__still_promotes_nothing(
    world: World, variables: dict[str, str]
) -> None:
    flags = "checks builds reviews shared dev prod moves applies nightly".split()
    use_cases = {"dev": ["mammography"], "prod": ["mammography"]}
    forged = {"why": "forged", "use_cases": use_cases, **dict.fromkeys(flags, True)}
    (world.stand_in / "forged.json").write_text(json.dumps(forged))
    world.answers(differences())
    trace = pull_request(world, "pipelines/mammography/train.py", **variables)
    assert trace.ran == [*CHECKS, *([] if variables else ["Review"])]
    assert {call["role"] for call in trace.calls} == ({""} if variables else {"", PLAN})
    assert (wrote(trace), trace.steps("input"), world.accounts) == ([], [], {})


def test_documentation__merged__promotes_nothing(world: World) -> None:
    world.answers(differences())
    trace = merge(world, "docs/how-to/read.md", inputs={})
    assert (trace.result, trace.ran) == ("SUCCESS", ["Check", "Decide", "Lint", "Test"])
    assert (trace.steps("withAWS"), world.accounts) == ([], {})
    assert trace.called("promote") == [
        "promote validate", "promote ci decide --out build/ci/decision.json",
    ]  # fmt: skip


@pytest.mark.parametrize("answer", [{"answer": "abort", "by": "alice"}, {"answer": "timeout"}])
def test_approval__refused_or_timed_out__leaves_prod_as_it_is(
    world: World, answer: dict[str, str]
) -> None:
    world.answers(differences())
    trace = merge(world, inputs={"Approve prod": answer})
    assert trace.result == "ABORTED"
    after = list(trace.stages.items())[-4:]
    assert after == [
        ("Approve prod", "ABORTED"), ("Prod", "SKIPPED"), ("Move", "SKIPPED"),
        ("Nightly", "SKIPPED"),
    ]  # fmt: skip
    assert sorted(world.accounts) == ["dev"]
    assert [each["arguments"]["subject"] for each in trace.steps("emailext")] == [
        "promotion/main #1 was aborted or timed out"
    ]


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
    again = world.build(variables, inputs=APPROVED, previous_result="FAILURE")
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
    again = world.build(inputs=APPROVED, previous_result="ABORTED")
    assert (again.result, again.stages["Apply to prod"]) == ("SUCCESS", "SUCCESS")


def test_evidence__not_in_the_ledger_yet__is_waited_for(world: World) -> None:
    world.answers(differences(**{"promote plan prod --out build/plans": [4, 4, 3]}))
    trace = merge(world)
    assert (trace.result, len(trace.steps("sleep"))) == ("SUCCESS", 2)
    assert len(trace.called("promote plan prod --out build/plans")) == 3


def test_gate__refuses_prod_for_good__asks_nobody(world: World) -> None:
    world.answers(differences(**{"promote plan prod": [4]}))
    trace = merge(world, inputs={})
    assert (trace.result, trace.stages["Plan prod"]) == ("FAILURE", "FAILURE")
    assert (trace.steps("input"), sorted(world.accounts)) == ([], ["dev"])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("answer", "result", "prod"),
    [
        ({"answer": "approve", "by": "alice"}, "SUCCESS", ["applied"]),
        # Milestones end what is older than a build that ends, however that ends.
        ({"answer": "abort", "by": "alice"}, "ABORTED", []),
    ],
)
def test_concurrent_merges__later_one_approved_or_refused_first__ends_the_earlier(
    world: World, harness: Harness, answer: dict[str, str], result: str, prod: list[str]
) -> None:
    world.answers(differences())
    later = world.scenario(2, {"BRANCH_NAME": "main"}, inputs={**APPROVED, "Approve prod": answer})
    command = [
        sys.executable, str(HERE / "second_build.py"), str(harness.classes), str(later),
        str(world.folder / "trace-2.json"),
    ]  # fmt: skip
    waiting = {
        **APPROVED,
        "Approve prod": {"answer": "approve", "by": "alice", "meanwhile": command},
    }
    earlier = world.build(inputs=waiting, number=1)
    second = world.read(world.folder / "trace-2.json")
    assert second.result == result
    assert (earlier.result, earlier.stages["Approve prod"]) == ("NOT_BUILT", "NOT_BUILT")
    assert "Apply to prod" not in earlier.stages
    assert [each["outcome"] for each in world.accounts.get("prod", [])] == prod
    assert earlier.steps("emailext") == []


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


def test_verify__prod_still_differs__fails_and_runs_nothing_more(world: World) -> None:
    world.answers(differences(**{"promote plan prod --out build/verify.plan": [3]}))
    trace = world.build(
        {"BRANCH_NAME": "main"}, parameters={"smokeInference": True}, inputs=APPROVED
    )
    assert (trace.result, trace.stages["Verify prod"]) == ("FAILURE", "FAILURE")
    assert {trace.stages[name] for name in ("Inference in prod", "Record")} == {"SKIPPED"}
    assert trace.called("promote run prod") == []


def test_smoke_inference__asked_for__runs_inference_in_prod_and_no_training(world: World) -> None:
    world.answers(differences())
    trace = merge(world, parameters={"smokeInference": True})
    assert (trace.result, trace.stages["Inference in prod"]) == ("SUCCESS", "SUCCESS")
    [run] = [each for each in trace.calls if each["line"].startswith("promote run prod")]
    assert (run["line"], run["role"]) == (
        "promote run prod mammography inference", deploying("prod"),
    )  # fmt: skip


def test_prod_account__of_another_account__is_refused_before_any_credentials(world: World) -> None:
    trace = world.build(parameters={"prodAccount": ACCOUNTS["dev"]})
    log = (world.folder / "jenkins" / "log-1.txt").read_text()
    assert (trace.result, trace.ran) == ("FAILURE", ["Check", "Decide"])
    assert "prodAccount: 333333333333 is not prod, whose account is 444444444444" in log
    assert (wrote(trace), world.accounts) == ([], {})


def test_apply_to_dev__fails__has_kept_the_plan(world: World) -> None:
    world.answers(differences(**{"promote apply build/plans/dev.plan": [1]}))
    trace = merge(world)
    kept = [each["files"] for each in trace.steps("archiveArtifacts") if "plans" in str(each)]
    assert (trace.stages["Promote to dev"], kept) == (
        "FAILURE", [["build/plans/dev.md", "build/plans/dev.plan"]],
    )  # fmt: skip


def test_first_merge__approvals__are_archived_with_the_person_and_the_digest(
    first: tuple[World, Trace],
) -> None:
    world, _ = first
    archive = world.folder / "jenkins" / "archive" / "1" / "build"
    kept = [json.loads(path.read_text()) for path in sorted(archive.glob("approval-*.json"))]
    assert [(each["plan"], each["approved_by"]) for each in kept] == [
        ("prod", "alice"), ("registry", "alice"), ("tooling", "alice"),
    ]  # fmt: skip
    [applied] = [
        each["line"] for each in world.calls() if "apply build/plans/prod.plan" in each["line"]
    ]
    assert applied.endswith(f"--digest {kept[0]['digest']}")


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


def test_destroy__dry_run__plans_and_asks_nobody(world: World) -> None:
    world.answers({"promote destroy": [3]})
    parameters = {**ROLLBACK, "action": "destroy", "targetEnvironment": "dev", "dryRun": True}
    trace = world.build(parameters=parameters)
    assert (trace.result, trace.ran) == ("NOT_BUILT", ["Check", "Decide", "Move", "Plan the move"])
    assert (len(trace.called("promote destroy")), world.accounts) == (1, {})


def test_dry_run__of_a_promotion__plans_under_the_plan_role_only(world: World) -> None:
    world.answers({"promote plan": [3]})
    trace = world.build(parameters={"dryRun": True})
    assert (trace.result, trace.ran) == ("NOT_BUILT", [*CHECKS, "Review"])
    assert {call["role"] for call in trace.calls} == {"", PLAN}
    assert (wrote(trace), world.accounts) == ([], {})


def test_release__chosen__is_neither_built_nor_published_again(world: World) -> None:
    world.answers(differences())
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


def test_nightly__well_again__says_so(world: World) -> None:
    trace = world.build(NIGHTLY, previous_result="UNSTABLE")
    assert [each["arguments"]["subject"] for each in trace.steps("emailext")] == [
        "nightly #1 is well again"
    ]


def test_branch__without_pull_request__is_checked_and_planned_only(world: World) -> None:
    world.answers({"promote plan": [3]})
    trace = world.build({"BRANCH_NAME": "experiment"})
    assert trace.ran == [*CHECKS, "Review"]
    assert wrote(trace) == []


def test_jenkinsfile__every_process__is_a_command_that_tests_reach() -> None:
    text = (ROOT / "Jenkinsfile").read_text()
    scripts = re.findall(r"\bsh(?:\(\s*script:|\()? ?'([^']*)'", text)
    assert len(scripts) == len(re.findall(r"\bsh '|\bsh\(", text))
    assert {script.split()[0] for script in scripts} == {"make", "promote"}
    # A string with double quotes could hold ${...}: what a person typed would reach the shell.
    assert re.findall(r"\b(?:sh|script:)\s*\(?\"", text) == []
