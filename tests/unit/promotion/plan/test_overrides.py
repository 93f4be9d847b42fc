"""Overrides in memory: the words of the command line, and what becomes of refusals."""

from dataclasses import replace

import pytest

from promotion.errors import ConfigError, GateRefused
from promotion.plan.gates import gate_names
from promotion.plan.model import GateResult, Outcome, Override, Plan
from promotion.plan.overrides import (
    check_overrides,
    needless,
    override_refusals,
    parse_overrides,
)

WHO = "arn:aws:iam::111111111111:user/ada"
REFUSED = GateResult("clean-commit", Outcome.REFUSED, "not on main", "merge it")
PASSED = GateResult("schedule", Outcome.PASSED, "nothing is scheduled")
OVERRIDDEN = replace(REFUSED, outcome=Outcome.OVERRIDDEN, override=Override("hotfix", WHO))


def plan(*gates):
    return Plan("dev", "333333333333", "eu-west-1", "f" * 64, gates=gates)


def test_parse__good_words__are_reasons_by_gate():
    words = ["clean-commit= hotfix,\n a=b ", "schedule=not yet"]
    assert parse_overrides(words) == {"clean-commit": "hotfix, a=b", "schedule": "not yet"}
    assert parse_overrides([]) == {}


def test_parse__every_bad_word__is_told_at_once():
    words = [
        "nonsense=x",
        "=x",
        "account-identity=x",
        "environment-consistency=x",
        "terraform-access=x",
        "clean-commit",
        "clean-commit=  ",
        "clean-commit=\x1b[2Jall good",
        "schedule=a",
        "schedule=b",
    ]
    with pytest.raises(ConfigError) as caught:
        parse_overrides(words)
    there = f"there is no such gate (there are {', '.join(gate_names())})"
    assert caught.value.exit_code == 2
    assert caught.value.problems == (
        f"nonsense: {there}",
        f"no name: {there}",
        "account-identity: cannot be overridden",
        "environment-consistency: cannot be overridden",
        "terraform-access: cannot be overridden",
        "clean-commit: the reason is missing",
        "clean-commit: the reason is missing",
        "clean-commit: the reason has characters that do not print",
        "schedule: is given twice",
    )
    assert caught.value.hint == "promote gates lists the gates, and which of them can be overridden"


def test_override__refusal__keeps_what_the_gate_said():
    results = override_refusals((REFUSED, PASSED), {"clean-commit": "hotfix"}, WHO)
    assert results == (OVERRIDDEN, PASSED)
    assert plan(*results).refusals == ()
    assert plan(*results).overridden == (OVERRIDDEN,)


def test_override__gate_that_does_not_refuse__changes_nothing_and_is_needless():
    deferred = GateResult("execution-role", Outcome.DEFERRED, "Terraform creates it")
    reasons = {"schedule": "x", "execution-role": "x", "clean-commit": "hotfix"}
    results = override_refusals((REFUSED, PASSED, deferred), reasons, WHO)
    assert results == (OVERRIDDEN, PASSED, deferred)
    assert needless(plan(*results), reasons) == ("execution-role", "schedule")


def test_override__another_gate__leaves_the_refusal():
    assert override_refusals((REFUSED,), {"schedule": "x"}, WHO) == (REFUSED,)


def test_check__what_plan_writes__holds():
    check_overrides(plan(OVERRIDDEN, PASSED))


@pytest.mark.parametrize(
    ("result", "problem"),
    [
        (replace(OVERRIDDEN, override=None), "is overridden without a reason, or by nobody"),
        (
            replace(OVERRIDDEN, override=Override("", WHO)),
            "is overridden without a reason, or by nobody",
        ),
        (
            replace(OVERRIDDEN, override=Override("hotfix", "")),
            "is overridden without a reason, or by nobody",
        ),
        (replace(OVERRIDDEN, gate="account-identity"), "cannot be overridden"),
        (replace(OVERRIDDEN, gate="nonsense"), "cannot be overridden"),
        (replace(OVERRIDDEN, outcome=Outcome.PASSED), "is passed and overridden at once"),
    ],
)
def test_check__override_that_plan_does_not_write__is_refused(result, problem):
    with pytest.raises(GateRefused) as caught:
        check_overrides(plan(PASSED, result))
    assert caught.value.exit_code == 4
    assert caught.value.problems == (f"{result.gate}: {problem}",)
