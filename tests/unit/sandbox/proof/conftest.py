"""A small estate on paper: one role with two policies, a bucket, and requests that were decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.authorization.evaluate import Caller, Decision, Policies, Request, evaluate
from sandbox.authorization.policy import parse_policy
from sandbox.proof.policies import HeldPolicy

if TYPE_CHECKING:
    from collections.abc import Callable

ROLE = "arn:aws:iam::333333333333:role/worker"
BUCKET = "arn:aws:s3:::data"


@dataclass(frozen=True)
class Entry:
    """An entry of the authorizer's journal."""

    label: str
    request: Request
    policies: Policies
    decision: Decision


def statement(sid: str, actions: Any, resources: Any = "*", **further: Any) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources, **further}


READ = {"Version": "2012-10-17", "Statement": [
    statement("Read", ["s3:GetObject", "s3:ListBucket"]),
    statement("ReadAgain", "s3:Get*", "arn:aws:s3:::data/twice/*"),
]}  # fmt: skip
WRITE = {"Version": "2012-10-17", "Statement": [
    statement("Write", ["s3:PutObject", "s3:DeleteObject"], f"{BUCKET}/*"),
    {"Effect": "Deny", "Action": "s3:*", "Resource": f"{BUCKET}/closed/*"},
]}  # fmt: skip
OPEN = {"Version": "2012-10-17", "Statement": [
    statement("LetProdIn", "s3:GetObject", f"{BUCKET}/*",
              Principal={"AWS": "arn:aws:iam::444444444444:root"},
              Condition={"Bool": {"aws:SecureTransport": "true"}}),
]}  # fmt: skip


@pytest.fixture
def policies() -> list[HeldPolicy]:
    return [
        HeldPolicy("dev", "identity", "worker", "read", f"{ROLE}#read", READ),
        HeldPolicy("dev", "identity", "worker", "write", f"{ROLE}#write", WRITE),
        HeldPolicy("dev", "resource", "data", "bucket", BUCKET, OPEN),
    ]


@pytest.fixture
def decide() -> Callable[..., Entry]:
    """Return what decides a request of the worker and enters it in the journal."""
    applied = Policies(
        identity=(parse_policy(f"{ROLE}#read", READ), parse_policy(f"{ROLE}#write", WRITE)),
        resource=parse_policy(BUCKET, OPEN),
    )

    def decided(label: str, action: str, key: str) -> Entry:
        caller = Caller("333333333333", "arn:aws:sts::333333333333:assumed-role/worker/x",
                        "session", ROLE)  # fmt: skip
        resource = f"{BUCKET}/{key}" if key else BUCKET
        request = Request(caller, action, resource, "333333333333",
                          {"aws:securetransport": ("true",)})  # fmt: skip
        return Entry(label, request, applied, evaluate(request, applied))

    return decided
