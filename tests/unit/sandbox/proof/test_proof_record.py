"""The recorded proof, the reasons beside it, the sample drawn from it and the page made of it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from sandbox.model import SandboxError
from sandbox.proof import page
from sandbox.proof.policies import HeldPolicy, Permission, all_permissions
from sandbox.proof.prove import proved_before
from sandbox.proof.reasons import Reason, idle_reasons, load_reasons, reason_for
from sandbox.proof.record import (
    Evidence,
    compose,
    differences,
    evidence_of,
    read_record,
    still_live,
    unproven,
    write_record,
)
from sandbox.proof.sample import sample

if TYPE_CHECKING:
    from pathlib import Path

ACCOUNTS = {"dev": "333333333333", "prod": "444444444444"}
READ = Permission("dev", "identity", "worker", "read", "Read", "s3:GetObject")
LIST = Permission("dev", "identity", "worker", "read", "Read", "s3:ListBucket")
PROD = Permission("dev", "resource", "data", "bucket", "LetProdIn", "s3:GetObject")
EVIDENCE = {
    READ: Evidence("live", ("train",)),
    LIST: Evidence("reason", because="The console lists."),
    PROD: Evidence("replayed", ("score", "train")),
}


def test_compose__read_again__holds_the_same_evidence(
    policies: list[HeldPolicy], tmp_path: Path
) -> None:
    record = compose(policies, EVIDENCE, ACCOUNTS)
    write_record(tmp_path / "permissions.json", record)
    again = read_record(tmp_path / "permissions.json")
    assert again == json.loads(json.dumps(record))
    assert evidence_of(again) == EVIDENCE
    assert differences(again, policies) == []
    assert unproven(again) == [
        "dev worker read ReadAgain s3:Get*",
        "dev worker write Write s3:DeleteObject",
        "dev worker write Write s3:PutObject",
    ]


def test_compose__policies_in_another_order__same_bytes(
    policies: list[HeldPolicy], tmp_path: Path
) -> None:
    for name, order in (("a", policies), ("b", policies[::-1])):
        write_record(tmp_path / name, compose(order, EVIDENCE, ACCOUNTS))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_differences__missing_stale_and_changed_statements__are_named(
    policies: list[HeldPolicy],
) -> None:
    record = compose(policies, EVIDENCE, ACCOUNTS)
    read = policies[0].document
    changed = replace(policies[0], document={"Statement": [
        {**read["Statement"][0], "Resource": "arn:aws:s3:::other"},
        {**read["Statement"][1], "Sid": "ReadTwice"},
    ]})  # fmt: skip
    assert differences(record, [changed, *policies[1:]]) == [
        "changed: dev identity worker read Read",
        "gone: dev identity worker read ReadAgain",
        "not recorded: dev identity worker read ReadTwice",
    ]


def test_read_record__missing_or_of_another_version__says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="make prove-permissions"):
        read_record(tmp_path / "none.json")
    (tmp_path / "old.json").write_text('{"schema_version": 0}')
    with pytest.raises(SandboxError, match="another version"):
        read_record(tmp_path / "old.json")


def test_reasons__cover_by_pattern__and_idle_ones_are_named(tmp_path: Path) -> None:
    path = tmp_path / "reasons.toml"
    path.write_text(
        '[[reason]]\nholder = "work*"\nsid = "Read"\nactions = ["s3:List*", "s3:Head*"]\n'
        'because = """\nThe console\n  lists."""\n'
    )
    reasons = load_reasons(path)
    assert reasons == (
        Reason("*", "*", "work*", "*", "Read", ("s3:List*", "s3:Head*"), "The console lists."),
    )
    assert [reason_for(each, reasons) for each in (LIST, READ)] == ["The console lists.", ""]
    assert idle_reasons(reasons, [LIST]) == ["* work* * Read s3:Head*"]
    assert idle_reasons(reasons, []) == ["* work* * Read s3:List*", "* work* * Read s3:Head*"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[[reason]]\nactions = ['x']\n", "needs actions and because"),
        ("[[reason]]\nbecause = 'x'\n", "needs actions and because"),
        ("[[reason]]\nactions = ['x']\nbecause = 'x'\nwho = 'x'\n", "unknown key who"),
        ("[reasons]\n", "unknown key reasons"),
        ("[[reason\n", "reasons.toml"),
    ],
)
def test_reasons__malformed__are_refused(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "reasons.toml"
    path.write_text(text)
    with pytest.raises(SandboxError, match=problem):
        load_reasons(path)


def test_sample__same_seed__same_and_stable_when_others_come(policies: list[HeldPolicy]) -> None:
    everything = list(all_permissions(policies))
    drawn = sample(everything, 3)
    assert drawn == sample(everything[::-1], 3)
    assert len(drawn) == 3
    assert sample(everything, 99) == sorted(everything)
    assert sample(everything, 3, seed="other") != drawn
    gone = next(each for each in everything if each not in drawn)
    assert sample([each for each in everything if each != gone], 3) == drawn


def test_page__of_a_record__tells_who_may_what_and_why(policies: list[HeldPolicy]) -> None:
    trust = HeldPolicy("dev", "trust", "worker", "trust", "t", {"Statement": [{
        "Sid": "SageMaker", "Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"Service": "sagemaker.amazonaws.com"},
        "Condition": {"StringEquals": {"aws:SourceAccount": "333333333333"}},
    }]})  # fmt: skip
    text = page.render(compose([*policies, trust], EVIDENCE, ACCOUNTS))
    assert [line for line in text.splitlines() if line.startswith("| dev")] == [
        "| dev (333333333333) | 3 | 1 | 1 | 1 |",
        "| dev | `worker` | `s3:GetObject`<br>`s3:ListBucket` † | `*` |  | Read.<br>"
        "Needed to train.<br>† The console lists. |",
        "| dev | `worker` | `s3:Get*` | `arn:aws:s3:::data/twice/*` |  | Read again. |",
        "| dev | `worker` | `s3:DeleteObject`<br>`s3:PutObject` | `arn:aws:s3:::data/*` |  "
        "| Write. |",
        "| dev | account prod | `s3:GetObject` ○ | `arn:aws:s3:::data/*` "
        "| `aws:SecureTransport` is `true` | Let prod in.<br>Needed to score; train. |",
        "| dev | `worker` | `sagemaker.amazonaws.com` | `aws:SourceAccount` is `333333333333` "
        "| SageMaker. |",
        "| dev | `worker` | `s3:*` | `arn:aws:s3:::data/closed/*` |  |  |",
    ]


def test_live_evidence__of_an_unchanged_statement_with_the_same_need__stays(
    policies: list[HeldPolicy],
) -> None:
    """What was proved live is not proved again; replayed and reasoned ones are looked at anew."""
    record = compose(policies, EVIDENCE, ACCOUNTS)
    assert still_live(record, policies) == {READ: EVIDENCE[READ]}
    kept = proved_before(record, policies, {READ: ("score", "train"), LIST: (), PROD: ("train",)})
    assert (kept.acts, kept.tolerated) == ({READ: "train"}, {})


def test_live_evidence__of_another_need_or_statement__is_gone(policies: list[HeldPolicy]) -> None:
    record = compose(policies, EVIDENCE, ACCOUNTS)
    assert proved_before(record, policies, {READ: ("score",)}).acts == {}
    assert proved_before(record, policies, {}).acts == {}
    document = json.loads(json.dumps(policies[0].document))
    document["Statement"][0]["Resource"] = "arn:aws:s3:::other"
    changed = [replace(policies[0], document=document), *policies[1:]]
    assert still_live(record, changed) == {}
    assert still_live(record, policies[1:]) == {}
