"""Resource policies and conditions, statement by statement."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.authorization.conditions import UnknownConditionError, arn_match, holds
from sandbox.authorization.statements import asker, decide, service_asker
from sandbox.model import Principal

SESSION = Principal("333333333333", "arn:aws:sts::333333333333:assumed-role/run/s", "ASIA")
QUEUE = "arn:aws:sqs:eu-west-1:444444444444:work"


def statement(**changes: Any) -> dict[str, Any]:
    base = {"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": QUEUE}
    return {name: value for name, value in (base | changes).items() if value is not None}


# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
@pytest.mark.parametrize(
    ("statements", "allowed"),
    [
        ([statement()], True),
        ([], False),
        ([statement(), statement(Effect="Deny")], False),
        ([statement(), statement(Effect="Deny", Action="sqs:DeleteQueue")], True),
        ([statement(Action="SQS:sendmessage")], True),
        ([statement(Action=["sqs:Get*", "sqs:Send?essage"])], True),
        ([statement(Action=None, NotAction="sqs:DeleteQueue")], True),
        ([statement(Action=None, NotAction="sqs:Send*")], False),
        ([statement(Resource="arn:aws:sqs:*:444444444444:*")], True),
        ([statement(Resource="arn:aws:sqs:*:444444444444:other")], False),
        ([statement(Resource=None, NotResource=QUEUE)], False),
        ([statement(Resource=None)], True),
        ([statement(Principal={"AWS": "arn:aws:iam::333333333333:role/run"})], True),
        ([statement(Principal={"AWS": SESSION.arn})], True),
        ([statement(Principal={"AWS": "333333333333"})], True),
        ([statement(Principal={"AWS": "arn:aws:iam::333333333333:role/other"})], False),
        ([statement(Principal={"Service": "events.amazonaws.com"})], False),
        ([statement(Principal="someone")], False),
        ([statement(Principal=None, NotPrincipal={"AWS": "111111111111"})], True),
        ([statement(Principal=None, NotPrincipal={"AWS": "333333333333"})], False),
    ],
)
def test_decide__statements__allow_or_deny(statements: list[dict[str, Any]], allowed: bool) -> None:
    policy = {"Version": "2012-10-17", "Statement": statements}
    decision = decide(
        policy, who=asker(SESSION), action="sqs:SendMessage", context={}, resource=QUEUE
    )
    assert decision.allowed is allowed
    assert bool(decision.reason) is not allowed


def test_decide__one_statement_without_a_list__is_read() -> None:
    policy = {"Statement": statement(Principal={"Service": ["events.amazonaws.com"]})}
    who = service_asker("events.amazonaws.com")
    assert decide(policy, who=who, action="sqs:SendMessage", context={}).allowed


def test_decide__no_policy__is_denied_with_that_reason() -> None:
    decision = decide(None, who=asker(SESSION), action="sqs:SendMessage", context={})
    assert (decision.allowed, decision.reason) == (False, "there is no policy")


CONTEXT = {
    "aws:sourcearn": "arn:aws:events:eu-west-1:444444444444:rule/a",
    "aws:sourceaccount": "444444444444",
    "aws:securetransport": "true",
    "s3:max-keys": "10",
    "sts:externalid": None,
}


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ({"StringEquals": {"aws:SourceAccount": ["1", "444444444444"]}}, True),
        ({"StringNotEquals": {"aws:SourceAccount": ["1", "444444444444"]}}, False),
        ({"StringEqualsIgnoreCase": {"aws:SecureTransport": "TRUE"}}, True),
        ({"StringNotLike": {"aws:SourceArn": "*:rule/b*"}}, True),
        ({"StringNotEquals": {"sts:ExternalId": "x"}}, True),
        ({"StringEquals": {"sts:ExternalId": "x"}}, False),
        ({"StringLikeIfExists": {"sts:ExternalId": "x"}}, True),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:events:*:444444444444:rule/*"}}, True),
        ({"ArnNotLike": {"aws:SourceArn": "arn:aws:events:*:444444444444:rule/*"}}, False),
        ({"ArnEquals": {"aws:SourceArn": "arn:aws:events:*:rule/a"}}, False),
        ({"Bool": {"aws:SecureTransport": True}}, True),
        ({"Bool": {"aws:SecureTransport": "false"}}, False),
        ({"NumericLessThanEquals": {"s3:max-keys": 10}}, True),
        ({"NumericGreaterThan": {"s3:max-keys": "10"}}, False),
        ({"NumericNotEquals": {"s3:max-keys": "9"}}, True),
        ({"Null": {"sts:ExternalId": "true"}}, True),
        ({"Null": {"aws:SourceArn": True}}, False),
        (
            {
                "Bool": {"aws:SecureTransport": "true"},
                "StringEquals": {"aws:SourceAccount": "444444444444", "s3:max-keys": "11"},
            },
            False,
        ),
    ],
)
def test_holds__block__as_documented(block: dict[str, Any], expected: bool) -> None:
    assert holds(block, CONTEXT) is expected


@pytest.mark.parametrize(
    ("block", "named"),
    [
        ({"IpAddress": {"aws:SourceArn": "x"}}, "condition operator IpAddress"),
        ({"StringEquals": {"aws:PrincipalTag/team": "x"}}, "condition key aws:PrincipalTag/team"),
    ],
)
def test_holds__not_evaluated_here__is_an_error(block: dict[str, Any], named: str) -> None:
    with pytest.raises(UnknownConditionError, match=named):
        holds(block, CONTEXT)


def test_arn_match__star__stays_inside_its_part() -> None:
    assert arn_match("arn:aws:s3:::data/*", "arn:aws:s3:::data/a:b")
    assert not arn_match("arn:*", "arn:aws:s3:::data")
    assert not arn_match("arn:aws:*:data", "arn:aws:s3:::data")
