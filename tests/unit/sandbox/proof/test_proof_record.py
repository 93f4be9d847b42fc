"""The recorded proof, the reasons beside it, the sample drawn from it and the page made of it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from sandbox.model import SandboxError
from sandbox.proof import page
from sandbox.proof.acts.terraform import REPAIR
from sandbox.proof.policies import HeldPolicy, Permission, all_permissions
from sandbox.proof.proved import Proved
from sandbox.proof.reasons import Reason, idle_reasons, load_reasons, reason_for
from sandbox.proof.record import (
    Evidence,
    compose,
    differences,
    evidence_of,
    read_record,
    still_valid,
    unproven,
    write_record,
)
from sandbox.proof.sample import shuffled

if TYPE_CHECKING:
    from pathlib import Path

ACCOUNTS = {"dev": "333333333333", "prod": "444444444444"}
READ = Permission("dev", "identity", "worker", "read", "Read", "s3:GetObject")
LIST = Permission("dev", "identity", "worker", "read", "Read", "s3:ListBucket")
PROD = Permission("dev", "resource", "data", "bucket", "LetProdIn", "s3:GetObject")
EVIDENCE = {
    READ: Evidence("live", ("train",), by="train"),
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
    order = shuffled(everything, "a")
    assert order == shuffled(everything[::-1], "a")
    assert sorted(order) == sorted(everything)
    assert shuffled(everything, "b") != order
    assert shuffled(everything[1:], "a") == [each for each in order if each != everything[0]]


def test_page__of_a_record__tells_who_may_what_and_why(policies: list[HeldPolicy]) -> None:
    trust = HeldPolicy("dev", "trust", "worker", "trust", "t", {"Statement": [{
        "Sid": "SageMaker", "Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"Service": "sagemaker.amazonaws.com"},
        "Condition": {"StringEquals": {"aws:SourceAccount": "333333333333"}},
    }]}, "Trains", "outermost")  # fmt: skip
    become = Permission("dev", "trust", "worker", "trust", "SageMaker", "sts:AssumeRole")
    evidence = {**EVIDENCE, become: Evidence("replayed", ("train",))}
    text = page.render(compose([*policies, trust], evidence, ACCOUNTS))
    assert [line for line in text.splitlines() if line.startswith("| dev")] == [
        "| dev (333333333333) | 4 | 1 | 2 | 1 |",
        "| dev | `worker` | Trains | `sagemaker.amazonaws.com` "
        "| `aws:SourceAccount` is `333333333333` | `outermost` | ○ Needed to train. |",
        "| dev | `worker` | `s3:GetObject`<br>`s3:ListBucket` † | `*` |  | Read.<br>"
        "Needed to train.<br>† The console lists. |",
        "| dev | `worker` | `s3:Get*` | `arn:aws:s3:::data/twice/*` |  | Read again. |",
        "| dev | `worker` | `s3:DeleteObject`<br>`s3:PutObject` | `arn:aws:s3:::data/*` |  "
        "| Write. |",
        "| dev | account prod | `s3:GetObject` ○ | `arn:aws:s3:::data/*` "
        "| `aws:SecureTransport` is `true` | Let prod in.<br>Needed to score; train. |",
        "| dev | `worker` | `s3:*` | `arn:aws:s3:::data/closed/*` |  |  |",
    ]


def test_differences__role_loses_its_boundary__are_told_and_the_proof_stays_valid() -> None:
    document = {"Statement": [{"Sid": "Jobs", "Effect": "Allow", "Action": "sts:AssumeRole"}]}
    capped = HeldPolicy("dev", "trust", "worker", "trust", "t", document, boundary="outermost")
    become = Permission("dev", "trust", "worker", "trust", "Jobs", "sts:AssumeRole")
    evidence = {become: Evidence("replayed", ("train",))}
    record = compose([capped], evidence, ACCOUNTS)
    free = replace(capped, boundary="")
    assert differences(record, [capped]) == []
    assert differences(record, [free]) == ["gone: dev trust worker trust boundary"]
    assert still_valid(record, [free]) == evidence


def test_evidence__of_an_unchanged_statement__is_still_valid(policies: list[HeldPolicy]) -> None:
    """What was shown is not shown again; a reason is looked at anew."""
    record = compose(policies, EVIDENCE, ACCOUNTS)
    assert still_valid(record, policies) == {READ: EVIDENCE[READ], PROD: EVIDENCE[PROD]}
    document = json.loads(json.dumps(policies[0].document))
    document["Statement"][0]["Resource"] = "arn:aws:s3:::other"
    changed = [replace(policies[0], document=document), *policies[1:]]
    assert still_valid(record, changed) == {PROD: EVIDENCE[PROD]}
    assert still_valid(record, policies[1:]) == {PROD: EVIDENCE[PROD]}


def test_proved__recorded_live__counts_while_the_same_act_needs_it() -> None:
    proved = Proved(recorded={READ: EVIDENCE[READ]})
    assert proved.is_live(READ)
    assert proved.shows(READ, ("score", "train")) == Evidence(
        "live", ("score", "train"), by="train"
    )
    assert proved.shows(READ, ("score",)) == Evidence("replayed", ("score",))
    assert proved.shows(READ, ()) is None


def test_proved__recorded_with_a_terraform_act__counts_unless_that_act_was_done_again() -> None:
    repaired = Evidence("live", (REPAIR,), by=REPAIR)
    proved = Proved(recorded={READ: repaired})
    assert proved.shows(READ, ()) == repaired
    proved.watched.add(REPAIR)
    assert proved.shows(READ, ()) is None


def test_proved__act_that_goes_well_without__is_no_need() -> None:
    proved = Proved(acts={READ: "train"}, tolerated={READ: ["score"], LIST: ["score"]})
    assert proved.shows(READ, ("score",)) == Evidence("live", ("train",), by="train")
    assert proved.shows(LIST, ("score",)) is None
    assert proved.shows(LIST, ("list", "score")) == Evidence("replayed", ("list",))
    assert not proved.is_live(LIST)


def test_proved__tried_with_terraform__is_settled_and_stays_recorded() -> None:
    proved = Proved(tried={LIST})
    found = proved.shows(LIST, (REPAIR,))
    assert found == Evidence("replayed", (REPAIR,), tried=True)
    assert found is not None
    assert found.document() == {"proof": "replayed", "acts": [REPAIR], "tried": True}
    again = Proved(recorded={LIST: found})
    assert again.is_settled(LIST)
    assert not again.is_live(LIST)
    assert not Proved(recorded={LIST: Evidence("replayed", (REPAIR,))}).is_settled(LIST)
