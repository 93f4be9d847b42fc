"""The real commands in the real sandbox, under enforcement: one story of builds, in this order.

A merge fills empty accounts; the nightly finds what somebody did by hand; a pull request reads; a
second merge fails half-way in prod, and the next build recovers; a rollback brings the first back.
Terraform's provider waits most of the minutes, so all of it is one story in one process of its own.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from .live import Live, commit_change, open_live
from .picture import APPROVALS
from .world import CONFIGURED, HERE, ROOT, Harness, Trace, git

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("jenkins"),
    pytest.mark.timeout(1800),
]
READS = re.compile(
    r"[a-z0-9-]+:(Get|List|Describe|Head)\w*|sts:AssumeRole|kms:Decrypt|dynamodb:Query"
)
APPROVED = {stage: {"answer": "approve", "by": "alice"} for stage in APPROVALS}
MAIN = {"BRANCH_NAME": "main"}
NIGHTLY = {"JOB_BASE_NAME": "nightly", "JOB_NAME": "nightly"}
STEP = "pipelines/mammography/steps/preprocess.py"
REASON = "AUC fell; see ticket 7"


@pytest.fixture(scope="module")
def live(harness: Harness, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Empty accounts that their administrators have bootstrapped, and the project beside them."""
    with open_live(harness, tmp_path_factory.mktemp("live")) as opened:
        yield opened


@pytest.fixture(scope="module")
def merged(live: Live) -> Trace:
    """The merge, from accounts in which nothing is."""
    before = {"Train in dev": live.act("deliver"), "Inference in dev": live.act("approve")}
    trace = live.run(MAIN, inputs=APPROVED, before=before)
    assert trace.result == "SUCCESS", live.said(trace)
    return trace


@pytest.fixture(scope="module")
def first_release(live: Live, merged: Trace) -> dict[str, tuple[str, str]]:
    """What the merge made of prod's pipelines."""
    return live.definitions("prod")


@pytest.fixture(scope="module")
def feature(live: Live, merged: Trace) -> str:
    """A branch with a change to a step; returns the commit of `main` that it is from."""
    return commit_change(live, "feature", STEP)


@pytest.fixture(scope="module")
def half_way(live: Live, feature: str, first_release: dict[str, tuple[str, str]]) -> Trace:
    """The merge of that branch; somebody denies Jenkins one of prod's pipelines in the meantime."""
    git(live.repository, "merge", "--quiet", "--ff-only", "feature")
    variables = {**MAIN, "GIT_PREVIOUS_SUCCESSFUL_COMMIT": feature}
    trace = live.run(variables, inputs=APPROVED, before={"Prod": live.act("deny")})
    live.estate.client("iam", "prod").delete_role_policy(
        RoleName=CONFIGURED["DEPLOY_ROLE"], PolicyName="denied-by-hand"
    )
    return trace


@pytest.fixture(scope="module")
def recovered(live: Live, half_way: Trace) -> Trace:
    """The next build: what was published and has run in dev goes to prod."""
    digest = live.releases("dev")["mammography-train"]
    parameters = {
        "useCases": "mammography", "targetEnvironment": "prod", "releaseDigest": digest,
    }  # fmt: skip
    return live.run(MAIN, inputs=APPROVED, parameters=parameters, previous_results=["FAILURE"])


def _outcomes(entries: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [
        (each["outcome"], each["release_digest"])
        for each in entries
        if each["use_case"] == "mammography"
    ]


def test_merge__empty_accounts__takes_the_project_to_a_promoted_release(
    live: Live, merged: Trace
) -> None:
    skipped = {name for name, outcome in merged.stages.items() if outcome == "SKIPPED"}
    assert skipped == {"Review", "Inference in prod", "Move", "Nightly"}
    dev, prod = live.releases("dev"), live.releases("prod")
    assert dev == prod
    assert sorted(prod) == ["mammography-inference", "mammography-train"]
    published = live.archived(1, "build/published.json")["releases"]
    assert {each["digest"] for each in published} == set(prod.values())
    status = live.archived(1, "build/status.json")["statuses"]
    assert [(each["environment"], each["model_in_service"]) for each in status] == [("prod", 1)]


def test_merge__prints__no_secret(live: Live, merged: Trace) -> None:
    jenkins, log = live.estate.sandbox.environment("jenkins"), live.log(1)
    assert "promote apply" in log
    assert [
        name for name in ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN") if jenkins[name] in log
    ] == []


def test_nightly__pipeline_edited_by_hand__tells_people_and_leaves_it(
    live: Live, first_release: dict[str, tuple[str, str]]
) -> None:
    sagemaker, name = live.estate.client("sagemaker", "prod"), "mammography-inference"
    definition, _ = first_release[name]
    edited = json.dumps({**json.loads(definition), "Metadata": {"edited": "by hand"}})
    sagemaker.update_pipeline(PipelineName=name, PipelineDefinition=edited)
    by_hand = live.definitions("prod")
    with live.estate.labelled("nightly"):
        trace = live.run(NIGHTLY, previous_results=["SUCCESS"])
    assert (trace.result, trace.ran) == ("UNSTABLE", ["Check", "Decide", "Nightly"]), live.said(
        trace
    )
    assert [each["arguments"]["message"] for each in trace.steps("unstable")] == [
        "differs from the repository: pipelines"
    ]
    subjects = [each["arguments"]["subject"] for each in trace.steps("snsPublish")]
    assert subjects == [f"nightly #{live.last} found differences"]
    assert _writes(live, "nightly") == set()
    assert live.definitions("prod") == by_hand
    sagemaker.update_pipeline(PipelineName=name, PipelineDefinition=definition)
    assert live.definitions("prod") == first_release


def test_nightly__nothing_differs__says_that_all_is_well_again(live: Live, merged: Trace) -> None:
    # Prod only: the one before has planned the other accounts and found nothing.
    text, every = (ROOT / "Jenkinsfile").read_text("utf-8"), "'tooling', 'registry', 'dev', 'prod'"
    assert text.count(f"in [{every}]") == 1
    live.jenkinsfile = live.folder / "Jenkinsfile.prod"
    live.jenkinsfile.write_text(text.replace(f"in [{every}]", "in ['prod']"))
    trace = live.run(NIGHTLY, previous_results=["UNSTABLE", "SUCCESS"])
    live.jenkinsfile = ROOT / "Jenkinsfile"
    assert (trace.result, trace.steps("unstable")) == ("SUCCESS", []), live.said(trace)
    subjects = [each["arguments"]["subject"] for each in trace.steps("emailext")]
    assert subjects == [f"nightly #{live.last} is well again"]


def test_pull_request__after_the_merge__reads_as_the_plan_role_and_changes_nothing(
    live: Live, feature: str
) -> None:
    live.estate.sandbox.settle()
    before = live.definitions("dev"), live.definitions("prod")
    with live.estate.labelled("pull request"):
        variables = {"BRANCH_NAME": "PR-7", "CHANGE_ID": "7", "CHANGE_TARGET": "main"}
        trace = live.run(variables, "feature")
    assert trace.result == "SUCCESS", live.said(trace)
    assert trace.ran == ["Check", "Decide", "Lint", "Test", "Build", "Review"]
    assert _writes(live, "pull request") == set()
    asked = [each for each in live.estate.journal if each.label == "pull request"]
    callers = [each.request.caller for each in asked if each.decision.allowed]
    roles = {str(each.role_arn).rpartition("/")[2] for each in callers if each.kind == "session"}
    assert roles == {CONFIGURED["JENKINS_ROLE"], CONFIGURED["PLAN_ROLE"]}
    assert [each.arn for each in callers if each.kind == "user"] == []
    assert (live.definitions("dev"), live.definitions("prod")) == before
    comment = trace.steps("publishChecks")[0]["arguments"]["summary"]
    assert "### prod" in comment
    assert "a change to review" in comment


def _writes(live: Live, label: str) -> set[str]:
    """Return the actions of a labelled block that were allowed and do more than read."""
    asked = [each for each in live.estate.journal if each.label == label]
    assert asked != []
    allowed = {each.request.action for each in asked if each.decision.allowed}
    return {action for action in allowed if not READS.fullmatch(action)}


def test_second_merge__fails_half_way_in_prod__puts_prod_back(
    live: Live, half_way: Trace, first_release: dict[str, tuple[str, str]]
) -> None:
    assert (half_way.result, half_way.stages["Apply to prod"]) == ("FAILURE", "FAILURE"), live.said(
        half_way
    )
    assert half_way.ran == [
        "Check", "Decide", "Lint", "Test", "Build", "Publish", "Dev", "Promote to dev",
        "Train in dev", "Inference in dev", "Plan prod", "Approve prod", "Prod", "Apply to prod",
    ]  # fmt: skip
    log = live.log(live.last)
    assert "mammography-inference: changed and restored" in log
    assert "mammography-train: changed and restored" in log  # its tags
    assert live.definitions("prod") == first_release
    [old], [new] = set(live.releases("prod").values()), set(live.releases("dev").values())
    assert old != new
    assert _outcomes(live.records("prod", "apply")) == [("failed", new), ("applied", old)]
    subjects = [each["arguments"]["subject"] for each in half_way.steps("snsPublish")]
    assert subjects == [f"promotion/main #{live.last} failed"]


def test_next_build__release_that_failed__brings_prod_to_it_and_builds_nothing(
    live: Live, recovered: Trace, first_release: dict[str, tuple[str, str]]
) -> None:
    assert (recovered.result, recovered.ran) == (
        "NOT_BUILT",
        ["Check", "Decide", "Plan prod", "Approve prod", "Prod", "Apply to prod", "Verify prod",
         "Record"],
    ), live.said(recovered)  # fmt: skip
    assert live.releases("prod") == live.releases("dev")
    assert live.definitions("prod").keys() == first_release.keys()
    outcomes = [outcome for outcome, _ in _outcomes(live.records("prod", "apply"))]
    assert outcomes == ["applied", "failed", "applied"]


def test_rollback__after_both_releases__has_the_first_exactly_and_its_reason_in_the_ledger(
    live: Live, recovered: Trace, first_release: dict[str, tuple[str, str]]
) -> None:
    dev = live.definitions("dev")
    parameters = {
        "action": "rollback", "targetEnvironment": "prod", "useCases": "mammography",
        "reason": REASON,
    }  # fmt: skip
    trace = live.run(MAIN, inputs=APPROVED, parameters=parameters)
    assert (trace.result, trace.ran) == (
        "NOT_BUILT",
        ["Check", "Decide", "Move", "Plan the move", "Approve the move", "Apply the move"],
    ), live.said(trace)
    assert live.definitions("prod") == first_release
    assert live.definitions("dev") == dev
    [first] = set(live.releases("prod").values())
    [entry] = live.records("prod", "rollback")
    told = entry["outcome"], entry["release_digest"], entry["reason"]
    assert told == ("applied", first, REASON)
    [approval] = [live.archived(live.last, "build/approval-move.json")]
    assert (approval["plan"], approval["approved_by"]) == ("move", "alice")
    assert entry["details"]["plan_digest"] == approval["digest"]


def test_stage__its_session__becomes_no_role_but_its_own(live: Live, merged: Trace) -> None:
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
    trace = live.run(MAIN)
    live.jenkinsfile = ROOT / "Jenkinsfile"
    assert trace.result == "SUCCESS", live.said(trace)
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
