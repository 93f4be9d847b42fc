"""Pull requests, of forks too, and other builds that only show plans."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from .builds import CHECKS, PLAN, differences, pull_request, wrote

if TYPE_CHECKING:
    from .world import World


def test_pull_request__of_a_use_case__plans_under_the_plan_role_and_writes_nothing(
    world: World,
) -> None:
    world.answers({"promote plan prod": [4], "promote plan": [3]})
    trace = pull_request(world, "pipelines/mammography/train.py")
    assert (trace.result, trace.ran) == ("SUCCESS", [*CHECKS, "Review"])
    assert (wrote(trace), world.accounts, trace.steps("input")) == ([], {}, [])
    assert {call["role"] for call in trace.calls} == {"", PLAN}
    assert [each["label"] for each in trace.events if each["kind"] == "agent"] == [
        "promotion-check", "promotion-review",
    ]  # fmt: skip
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


def test_dry_run__of_a_promotion__plans_under_the_plan_role_only(world: World) -> None:
    world.answers({"promote plan": [3]})
    trace = world.build(parameters={"dryRun": True})
    assert (trace.result, trace.ran) == ("NOT_BUILT", [*CHECKS, "Review"])
    assert {call["role"] for call in trace.calls} == {"", PLAN}
    assert (wrote(trace), world.accounts) == ([], {})


def test_branch__without_pull_request__is_checked_and_planned_only(world: World) -> None:
    world.answers({"promote plan": [3]})
    trace = world.build({"BRANCH_NAME": "experiment"})
    assert trace.ran == [*CHECKS, "Review"]
    assert wrote(trace) == []
