"""What a permission is, and which acts need it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.authorization.policy import Removed
from sandbox.proof.policies import HeldPolicy, Permission, all_permissions
from sandbox.proof.replay import needs

if TYPE_CHECKING:
    from collections.abc import Callable

ROLE = "arn:aws:iam::333333333333:role/worker"


def permission(policy: str, sid: str, action: str) -> Permission:
    return Permission("dev", "identity", "worker", policy, sid, action)


def test_permissions__of_allow_statements__one_an_action(policies: list[HeldPolicy]) -> None:
    assert all_permissions(policies) == {
        permission("read", "Read", "s3:GetObject"): Removed(f"{ROLE}#read", "Read", "s3:GetObject"),
        permission("read", "Read", "s3:ListBucket"): Removed(
            f"{ROLE}#read", "Read", "s3:ListBucket"
        ),
        permission("read", "ReadAgain", "s3:Get*"): Removed(f"{ROLE}#read", "ReadAgain", "s3:Get*"),
        permission("write", "Write", "s3:DeleteObject"): Removed(
            f"{ROLE}#write", "Write", "s3:DeleteObject"
        ),
        permission("write", "Write", "s3:PutObject"): Removed(
            f"{ROLE}#write", "Write", "s3:PutObject"
        ),
        Permission("dev", "resource", "data", "bucket", "LetProdIn", "s3:GetObject"): Removed(
            "arn:aws:s3:::data", "LetProdIn", "s3:GetObject"
        ),
    }


def test_permissions__statement_without_sid_or_with_not_action__are_named() -> None:
    document = {"Statement": {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}}
    policy = HeldPolicy("dev", "identity", "worker", "most", "p", document)
    assert all_permissions([policy]) == {
        permission("most", "#0", "NotAction"): Removed("p", "#0", None)
    }


def test_needs__each_request_again_without_it__labels_of_those_denied(
    policies: list[HeldPolicy], decide: Callable[..., object]
) -> None:
    journal = [
        decide("train", "s3:GetObject", "once/part.csv"),
        decide("train", "s3:PutObject", "out/model"),
        decide("score", "s3:GetObject", "once/batch.csv"),
        decide("score", "s3:GetObject", "twice/batch.csv"),
        decide("", "s3:ListBucket", ""),
        decide("tidy", "s3:DeleteObject", "closed/x"),
    ]
    found = needs(all_permissions(policies), journal)  # type: ignore[arg-type]
    assert {each: acts for each, acts in found.items() if acts} == {
        permission("read", "Read", "s3:GetObject"): ("score", "train"),
        permission("write", "Write", "s3:PutObject"): ("train",),
    }
    assert len(found) == 6


def test_needs__two_statements_grant_the_same__neither_is_needed(
    policies: list[HeldPolicy], decide: Callable[..., object]
) -> None:
    journal = [decide("score", "s3:GetObject", "twice/batch.csv")]
    assert set(needs(all_permissions(policies), journal).values()) == {()}  # type: ignore[arg-type]
