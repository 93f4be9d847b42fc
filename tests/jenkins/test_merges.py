"""A merge to `main` in which all goes well: order, roles, timeouts, approvals."""

from __future__ import annotations

import json
import re

import pytest

from .builds import (
    ACCOUNTS,
    APPROVED,
    BUILD,
    CHECKS,
    DEV,
    PLAN,
    PROD,
    SHARED,
    deploying,
    differences,
    merge,
)
from .picture import PICTURE, svg
from .world import ROOT, Harness, Trace, World, make_world


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


def test_merge__nothing_differs__asks_nobody_and_applies_nothing(world: World) -> None:
    trace = merge(world, inputs={})
    assert (trace.result, trace.ran) == ("SUCCESS", [*CHECKS, *DEV, "Plan prod"])
    assert (trace.called("promote apply"), world.accounts) == ([], {})


def test_smoke_inference__asked_for__runs_inference_in_prod_and_no_training(world: World) -> None:
    world.answers(differences())
    trace = merge(world, parameters={"smokeInference": True})
    assert (trace.result, trace.stages["Inference in prod"]) == ("SUCCESS", "SUCCESS")
    [run] = [each for each in trace.calls if each["line"].startswith("promote run prod")]
    assert (run["line"], run["role"]) == (
        "promote run prod mammography inference", deploying("prod"),
    )  # fmt: skip


def test_jenkinsfile__every_process__is_a_command_that_tests_reach() -> None:
    text = (ROOT / "Jenkinsfile").read_text()
    scripts = re.findall(r"\bsh(?:\(\s*script:|\()? ?'([^']*)'", text)
    assert len(scripts) == len(re.findall(r"\bsh '|\bsh\(", text))
    assert {script.split()[0] for script in scripts} == {"make", "promote"}
    # A string with double quotes could hold ${...}: what a person typed would reach the shell.
    assert re.findall(r"\b(?:sh|script:)\s*\(?\"", text) == []
