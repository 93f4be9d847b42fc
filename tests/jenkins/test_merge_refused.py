"""The same accounts and the same story: builds that must not change anything, or not any more.

A fork, which gets no credentials; approvals refused and timed out; a build that a later one has
overtaken; documentation; parameters that a shell would run; a destruction that nobody wants.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from .builds import MAIN, kept_plans
from .live import commit_change
from .world import CONFIGURED, git

if TYPE_CHECKING:
    from .chapters import Chapter
    from .live import Live

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("jenkins"),
    pytest.mark.timeout(1800),
]


def test_fork__its_code_tries_for_every_role__has_no_credentials_and_asks_aws_nothing(
    live: Live, reviewed: Chapter, forked: Chapter
) -> None:
    assert forked.ended == ("SUCCESS", ["Check", "Decide", "Lint", "Test", "Build"]), forked.said
    agents = {each["label"] for each in forked.trace.events if each["kind"] == "agent"}
    assert (agents, forked.trace.steps("withAWS")) == ({"promotion-check"}, [])
    assert forked.asked == ()
    for target in ("installed", "lint", "test"):
        stolen = json.loads((live.stand_in / f"stolen-{target}.json").read_text())
        assert set(stolen.values()) == {"NoCredentials"}
    assert forked.after == reviewed.after


@pytest.mark.parametrize("said", ["Rejected by alice", "Timeout has been exceeded"])
def test_approval__refused_or_timed_out__leaves_prod_on_its_release(
    half_way: Chapter, unapproved: dict[str, Chapter], said: str
) -> None:
    build = unapproved[said]
    stages = ["Check", "Decide", "Plan prod", "Approve prod"]
    assert build.ended == ("ABORTED", stages), build.said
    [end] = [each for each in build.trace.events if each["kind"] == "interruption"]
    assert end["message"] == said
    assert "Plan file " in build.trace.steps("input")[0]["arguments"]["message"]
    assert (build.applied, build.trace.steps("lock"), build.writes) == ([], [], set())
    assert build.after == half_way.after
    told = [f"promotion/main #{build.number} was aborted or timed out"]
    assert (build.subjects(), build.subjects("emailext")) == (told, told)


def test_concurrent_merges__later_one_is_approved_first__ends_the_earlier(
    half_way: Chapter, met: tuple[Chapter, Chapter]
) -> None:
    earlier, later = met
    assert earlier.ended == (
        "NOT_BUILT", ["Check", "Decide", "Plan prod", "Approve prod"],
    ), earlier.said  # fmt: skip
    [end] = [each for each in earlier.trace.events if each["kind"] == "interruption"]
    assert end["message"] == f"superseded by build {later.number}"
    assert (earlier.applied, len(later.applied)) == ([], 1)
    assert (earlier.subjects(), earlier.subjects("emailext")) == ([], [])
    # A published release is promoted without this commit's Terraform, whose state nobody reads.
    assert [each for each in earlier.asked if each.request.resource.endswith("tfstate")] == []
    # Both were looked at when both had ended: prod was applied to once.
    assert earlier.after == later.after
    assert len(later.after.ledger) == len(half_way.after.ledger) + 1


def test_documentation__merged__plans_and_writes_nothing(live: Live, half_way: Chapter) -> None:
    before = live.accounts_now()
    previous = commit_change(live, "documentation", "docs/glossary.md")
    git(live.repository, "merge", "--quiet", "--ff-only", "documentation")
    build = live.chapter({**MAIN, "GIT_PREVIOUS_SUCCESSFUL_COMMIT": previous})
    assert build.ended == ("SUCCESS", ["Check", "Decide", "Lint", "Test"]), build.said
    assert "This build: nothing that is promoted has changed" in build.log
    assert (build.trace.steps("withAWS"), build.asked) == ([], ())
    assert build.after == before


def test_parameters__that_a_shell_would_run__are_refused_before_any_credentials(
    live: Live, merged: Chapter
) -> None:
    before, owned = live.accounts_now(), live.owned
    parameters = {
        "useCases": f"x;touch${{IFS}}{owned};$(touch${{IFS}}{owned})",
        "releaseDigest": f"`touch {owned}`",
        "prodAccount": f"1 && touch {owned}",
        "reason": f"; touch {owned}",
    }
    build = live.chapter(MAIN, parameters=parameters)
    assert build.ended == ("FAILURE", ["Check", "Decide"])
    assert [(each["arguments"]["script"], each["status"]) for each in build.trace.steps("sh")] == [
        ("make .venv/installed", 0), ("promote validate", 0),
        ("promote ci decide --out build/ci/decision.json", 2),
    ]  # fmt: skip
    assert [line for line in build.log.splitlines() if line.startswith("  - ")] == [
        f"  - releaseDigest: {parameters['releaseDigest'][:60]!r} is no digest: 7 to 64 "
        "hexadecimal digits",
        f"  - prodAccount: {parameters['prodAccount'][:60]!r} is no account id: 12 digits",
        f"  - useCases: {parameters['useCases'][:60]!r} is no name of a use case",
    ]
    assert not owned.exists()
    # The one session is for telling people.
    asked = {(each.request.action, each.request.resource) for each in build.asked}
    role = f"arn:aws:iam::{CONFIGURED['JENKINS_ACCOUNT']}:role/{CONFIGURED['JENKINS_ROLE']}"
    assert asked == {("sts:AssumeRole", role)}
    assert build.after == before


def test_destroy__something_starts_the_pipelines__is_refused_and_nobody_asked(
    rolled_back: Chapter, in_use: Chapter
) -> None:
    assert in_use.ended == ("FAILURE", ["Check", "Decide", "Move", "Plan the move"]), in_use.said
    assert in_use.trace.steps("error")[0]["arguments"]["message"] == (
        "planning move ended with exit code 4"
    )
    assert "drift starts mammography-train" in in_use.log
    assert kept_plans(in_use.trace) == ["build/plan-move.txt"]
    assert (in_use.trace.steps("input"), in_use.applied, in_use.writes) == ([], [], set())
    assert in_use.after == rolled_back.after


def test_destroy__approval_refused__leaves_the_pipelines_in_prod(
    rolled_back: Chapter, kept: Chapter
) -> None:
    assert kept.ended == (
        "ABORTED", ["Check", "Decide", "Move", "Plan the move", "Approve the move"],
    ), kept.said  # fmt: skip
    assert (kept.applied, kept.writes, kept.after) == ([], set(), rolled_back.after)
    assert kept.subjects() == [f"promotion/main #{kept.number} was aborted or timed out"]
