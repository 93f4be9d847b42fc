"""Plans for reviewers and approvers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from promotion.ci.summary import LIMIT_CHARACTERS, Reviewed, markdown, read_reviewed
from promotion.errors import ConfigError
from promotion.plan.archive import write_plan
from promotion.plan.encode import plan_document
from promotion.plan.model import CodeUpload, GateResult, Outcome, Plan

if TYPE_CHECKING:
    from pathlib import Path

UPLOAD = CodeUpload("data", "code/x.py", "a" * 64, 5, present=False)
CHANGES = Plan("prod", "444444444444", "eu-west-1", "e" * 64, code=(UPLOAD,))
PROVENANCE = GateResult("provenance", Outcome.REFUSED, "not signed", "publish it")
TRUST = GateResult("role-trust", Outcome.REFUSED, "a stranger gets in", "name services")


def test_read_reviewed__plan_file_and_document__are_the_same_plan(tmp_path: Path) -> None:
    digest = write_plan(tmp_path / "prod.plan", CHANGES, {})
    written = {**plan_document(CHANGES), "plan_file": {"path": "x", "digest": digest}}
    (tmp_path / "prod.json").write_text(json.dumps(written))
    whole = Reviewed(CHANGES, digest)
    assert [read_reviewed(tmp_path / f"prod.{kind}") for kind in ("plan", "json")] == [whole, whole]


def test_read_reviewed__no_json__says_how_to_make_it(tmp_path: Path) -> None:
    (tmp_path / "prod.json").write_text("error")
    with pytest.raises(ConfigError) as raised:
        read_reviewed(tmp_path / "prod.json")
    assert raised.value.hint == f"promote plan ENV --json > {tmp_path / 'prod.json'}"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[]", "it is no JSON object"),
        ("null", "it is no JSON object"),
        ('{"plan_file": [1]}', "plan_file is no JSON object"),
    ],
)
def test_read_reviewed__json_that_is_no_plan__says_what_it_is(
    tmp_path: Path, text: str, why: str
) -> None:
    (tmp_path / "prod.json").write_text(text)
    with pytest.raises(ConfigError) as raised:
        read_reviewed(tmp_path / "prod.json")
    assert raised.value.message == f"{tmp_path / 'prod.json'} holds no plan: {why}"


def test_sentence__names_account_and_what_is_done() -> None:
    assert Reviewed(CHANGES).sentence == (
        "prod (account 444444444444): 1 code object to upload."
    )  # fmt: skip


def test_refused_for_good__gates_that_a_merge_settles__are_left_out() -> None:
    plan = Plan("prod", "444444444444", "eu-west-1", "e" * 64, gates=(PROVENANCE, TRUST))
    assert Reviewed(plan).refused_for_good == (TRUST,)
    text = markdown([Reviewed(plan)])
    assert "- refused by the gate `provenance` (the merge settles it)\n" in text
    assert "- refused by the gate `role-trust`\n" in text


def test_markdown__plan_with_a_fence_in_it__stays_in_its_block() -> None:
    upload = CodeUpload("data", "code/````\n# APPROVED\n/x.py", "a" * 64, 5, present=False)
    plan = Plan("prod", "444444444444", "eu-west-1", "e" * 64, code=(upload,))
    lines = markdown([Reviewed(plan, "d" * 64)]).splitlines()
    assert lines[0] == "### prod · account 444444444444"
    fences = [number for number, line in enumerate(lines) if line.startswith("`````")]
    assert len(fences) == 2
    assert fences[0] < lines.index("# APPROVED") < fences[1]


def test_markdown__of_a_huge_plan__is_cut_to_what_github_takes() -> None:
    uploads = tuple(
        CodeUpload("data", f"code/{number:064d}/x.py", "a" * 64, 5, present=False)
        for number in range(2_000)
    )
    plan = Plan("prod", "444444444444", "eu-west-1", "e" * 64, code=uploads)
    text = markdown([Reviewed(plan), Reviewed(CHANGES)])
    assert "… cut short: the archived plan has all of it" in text
    assert len(text) < LIMIT_CHARACTERS + 1_000
    assert "1 code object to upload." in text
