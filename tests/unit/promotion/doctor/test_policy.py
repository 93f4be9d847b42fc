"""What a policy says of a request, statement by statement."""

import json

import pytest

from promotion.doctor.policy import Request, allows, denies, statements

ROLE = "arn:aws:iam::333333333333:role/trainer"
ROOT = "arn:aws:iam::333333333333:root"
ARN = "arn:aws:s3:::bucket/key"


def statement(effect="Allow", principal=None, action="s3:GetObject", resource=ARN, **condition):
    found = {"Effect": effect, "Principal": principal or {"AWS": ROOT}, "Action": action}
    return {**found, "Resource": resource, "Condition": condition}


def asks(statements, principal=ROLE, action="s3:GetObject", resource=ARN, **context):
    document = {"Statement": statements}
    keys = {name.replace("__", ":"): value for name, value in context.items()}
    return allows(document, Request(principal, action, resource, keys))


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        ("*", True),
        ({"AWS": "*"}, True),
        ({"AWS": "333333333333"}, True),
        ({"AWS": [ROOT]}, True),
        ({"AWS": ROLE}, True),
        ({"AWS": "arn:aws:iam::444444444444:root"}, False),
        ({"AWS": "arn:aws:iam::333333333333:role/other"}, False),
        ({"Service": "events.amazonaws.com"}, False),
        ({}, False),
    ],
)
def test_principal__of_a_role__is_the_role_or_its_account(principal, expected):
    entry = {"Effect": "Allow", "Principal": principal, "Action": "s3:*", "Resource": "*"}
    assert asks([entry]) is expected


def test_principal__of_a_service__is_that_service():
    entry = statement(principal={"Service": ["sns.amazonaws.com", "events.amazonaws.com"]})
    assert asks([entry], "events.amazonaws.com")
    assert not asks([entry], "lambda.amazonaws.com")
    assert not asks([statement()], "events.amazonaws.com")


@pytest.mark.parametrize(
    ("action", "resource", "expected"),
    [
        ("s3:GetObject", ARN, True),
        ("S3:getobject", ARN, True),
        (["s3:PutObject", "s3:Get*"], ["x", "arn:aws:s3:::bucket/*"], True),
        ("s3:GetObject", "arn:aws:s3:::bucket/ke?", True),
        ("s3:GetObject", "arn:aws:s3:::bucket/", False),
        ("s3:GetObjectVersion", ARN, False),
        ("*", "*", True),
    ],
)
def test_action_and_resource__wildcards__match_as_iam_does(action, resource, expected):
    assert asks([statement(action=action, resource=resource)]) is expected


@pytest.mark.parametrize(
    ("operator", "key", "value", "given", "expected"),
    [
        ("StringEquals", "k", "a", "a", True),
        ("StringEquals", "K", ["b", "a"], "a", True),
        ("StringEquals", "k", "*", "a", False),
        ("StringEquals", "k", "a", None, False),
        ("StringEqualsIfExists", "k", "a", None, True),
        ("StringNotEquals", "k", "a", "a", False),
        ("StringNotEquals", "k", "a", "b", True),
        ("StringNotEquals", "k", "a", None, True),
        ("StringLike", "k", "a*", "abc", True),
        ("StringNotLike", "k", "a*", "abc", False),
        ("Bool", "k", "true", "true", True),
        ("Null", "k", "true", None, True),
        ("Null", "k", ["true"], "a", False),
        ("Null", "k", "false", "a", True),
        ("ArnEquals", "aws:PrincipalArn", ROLE, None, True),
        ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/tr*", None, True),
        ("ArnNotEquals", "aws:PrincipalArn", ROLE, None, False),
        ("DateGreaterThan", "k", "2026", "2027", False),
    ],
)
def test_condition__each_operator__decides(operator, key, value, given, expected):
    context = {} if given is None else {"k": given}
    assert asks([statement(**{operator: {key: value}})], **context) is expected


def test_deny__of_what_is_allowed__denies():
    denied = statement("Deny")
    assert not asks([statement(), denied])
    assert denies({"Statement": [denied]}, Request(ROLE, "s3:GetObject", ARN))
    assert not denies({"Statement": [statement()]}, Request(ROLE, "s3:GetObject", ARN))


@pytest.mark.parametrize(
    "unknown",
    [
        {"Condition": {"DateGreaterThan": {"aws:CurrentTime": "2026"}}},
        {"NotPrincipal": {"AWS": ROLE}},
        {"NotAction": "s3:GetObject"},
        {"NotResource": ARN},
    ],
)
def test_unknown__of_an_allow_and_of_a_deny__counts_against_the_request(unknown):
    entry = {"Principal": "*", "Action": "*", "Resource": "*", **unknown}
    assert not asks([{"Effect": "Allow", **entry}])
    assert not asks([statement(), {"Effect": "Deny", **entry}])


def test_statements__none_one_or_several__are_listed():
    one = statement()
    assert statements("") == []
    assert statements({"Statement": one}) == [one]
    assert statements(json.dumps({"Statement": [one, one]})) == [one, one]
    assert not allows("", Request(ROLE, "s3:GetObject", ARN))
