"""Requests and what AWS documents as their outcome: the tables in ``cases/``.

Each case gives the policies, who asks what, the whole decision and the page that rules it.
Left out: caller ``session`` (of role ``train``), action ``s3:GetObject`` on an object of
bucket ``data``, owner 111111111111, version 2012-10-17, and a decision that allows.
"""

import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from sandbox.authorization.evaluate import (
    Caller,
    Decision,
    Policies,
    Request,
    StatementRef,
    evaluate,
)
from sandbox.authorization.policy import Policy, parse_policy

ACCOUNT = "111111111111"
TABLES = sorted((Path(__file__).parent / "cases").glob("*.toml"))
CASES = [case for table in TABLES for case in tomllib.loads(table.read_text())["case"]]


def caller(text: str) -> Caller:
    kind, _, name = text.partition(":")
    iam = f"arn:aws:iam::{ACCOUNT}"
    if kind == "root":
        return Caller(ACCOUNT, f"{iam}:root", "root")
    if kind == "user":
        return Caller(ACCOUNT, f"{iam}:user/{name or 'ann'}", "user")
    if kind == "service":
        return Caller("", name, "service", service=name)
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/train/job"
    return Caller(ACCOUNT, session, "session", f"{iam}:role/train")


def parsed(case: dict[str, Any], name: str) -> Policy | None:
    if name not in case:
        return None
    version = case.get("version", "2012-10-17")
    return parse_policy(name, {"Version": version, "Statement": case[name]})


def decide(case: dict[str, Any]) -> Decision:
    identity = (parsed(case, "identity"), parsed(case, "attached"))
    policies = Policies(
        identity=tuple(policy for policy in identity if policy),
        boundary=parsed(case, "boundary"),
        session=parsed(case, "session"),
        resource=parsed(case, "resource"),
        resource_required=case.get("required", False),
    )
    request = Request(
        caller(case.get("caller", "session")),
        case.get("action", "s3:GetObject"),
        case.get("on", "arn:aws:s3:::data/train.csv"),
        case.get("owner", ACCOUNT),
        {key: tuple(values) for key, values in case.get("context", {}).items()},
    )
    return evaluate(request, policies)


def reference(text: str) -> StatementRef:
    policy, rest = text.split(" ", 1)
    sid, effect = rest.rsplit(" ", 1)
    assert effect in ("Allow", "Deny")
    return StatementRef(policy, sid, "Allow" if effect == "Allow" else "Deny")


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_evaluate__documented_case__decides_as_aws(case: dict[str, Any]) -> None:
    reason = case.get("reason", "")
    assert decide(case) == Decision(
        allowed=not reason,
        explicit_deny=case.get("explicit", False),
        layer=case["layer"],
        reason=reason,
        statements=tuple(reference(text) for text in case.get("statements", [])),
    )


def test_cases__every_one__has_a_name_of_its_own_and_cites_its_rule() -> None:
    names = Counter(case["name"] for case in CASES)
    assert [name for name, times in names.items() if times > 1] == []
    uncited = [
        case["name"]
        for case in CASES
        if not case["rule"].startswith("https://docs.aws.amazon.com/")
    ]
    assert uncited == []
    assert len(CASES) >= 60
