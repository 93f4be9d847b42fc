"""Condition operators against values of a request.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
"""

from typing import Any

import pytest

from sandbox.authorization.conditions import parse_conditions
from sandbox.authorization.errors import PolicyError
from sandbox.authorization.operators import OPERATORS

RULE = "arn:aws:events:eu-west-1:444444444444:rule/a"
CONTEXT = {
    "aws:currenttime": ("2026-07-30T12:00:00Z",),
    "aws:epochtime": ("1785412800",),
    "aws:principaltag/team": ("Data",),
    "aws:securetransport": ("true",),
    "aws:sourceaccount": ("444444444444",),
    "aws:sourcearn": (RULE,),
    "aws:sourceip": ("203.0.113.7",),
    "aws:tagkeys": ("team", "cost"),
    "aws:useragent": ("",),
    "aws:username": ("ann",),
    "aws:vpcsourceip": ("2001:db8::7",),
    "dynamodb:leadingkeys": ("ann",),
    "kms:encryptioncontext:aws:s3:arn": ("arn:aws:s3:::data",),
    "kms:grantoperations": (),
    "s3:max-keys": ("10",),
    "s3:prefix": ("data/2026/",),
}


def holds(block: dict[str, Any], context: dict[str, tuple[str, ...]] | None = None) -> bool:
    conditions = parse_conditions(block, variables=True)
    return all(condition.holds(CONTEXT if context is None else context) for condition in conditions)


@pytest.mark.parametrize(
    ("operator", "key", "value", "expected"),
    [
        ("StringEquals", "s3:prefix", "data/2026/", True),
        ("StringEquals", "S3:PREFIX", "data/2026/", True),
        ("StringEquals", "s3:prefix", "Data/2026/", False),
        ("StringEquals", "s3:prefix", "data/*", False),
        ("StringEquals", "aws:SourceAccount", ["1", "444444444444"], True),
        ("StringEquals", "aws:SourceAccount", 444444444444, True),
        ("StringEquals", "aws:PrincipalTag/team", "Data", True),
        ("StringEquals", "aws:PrincipalTag/TEAM", "Data", True),
        ("StringEquals", "kms:EncryptionContext:aws:s3:arn", "arn:aws:s3:::data", True),
        ("StringNotEquals", "aws:SourceAccount", ["1", "444444444444"], False),
        ("StringNotEquals", "aws:SourceAccount", ["1", "2"], True),
        ("StringEqualsIgnoreCase", "s3:prefix", "DATA/2026/", True),
        ("StringNotEqualsIgnoreCase", "s3:prefix", "DATA/2026/", False),
        ("StringLike", "s3:prefix", "data/*", True),
        ("StringLike", "s3:prefix", "data/202?/", True),
        ("StringLike", "s3:prefix", "data/[0-9]*", False),
        ("StringLike", "s3:prefix", ["x", "*"], True),
        ("StringNotLike", "s3:prefix", "data/*", False),
        ("StringNotLike", "s3:prefix", ["x*", "y*"], True),
        ("NumericEquals", "s3:max-keys", 10, True),
        ("NumericEquals", "s3:max-keys", "10.0", True),
        ("NumericNotEquals", "s3:max-keys", "9", True),
        ("NumericLessThan", "s3:max-keys", "10", False),
        ("NumericLessThanEquals", "s3:max-keys", "10", True),
        ("NumericGreaterThan", "s3:max-keys", "9", True),
        ("NumericGreaterThanEquals", "s3:max-keys", "11", False),
        ("NumericGreaterThan", "aws:EpochTime", "1785412799", True),
        ("DateEquals", "aws:CurrentTime", "2026-07-30T14:00:00+02:00", True),
        ("DateEquals", "aws:CurrentTime", "2026-07-30T12:00:00", True),
        ("DateNotEquals", "aws:CurrentTime", "2026-07-30T12:00:00Z", False),
        ("DateLessThan", "aws:CurrentTime", "2026-07-31", True),
        ("DateLessThan", "aws:CurrentTime", "2026", False),
        ("DateLessThanEquals", "aws:CurrentTime", "2026-07", False),
        ("DateGreaterThan", "aws:CurrentTime", "2026-07-30T12:00:00", False),
        ("DateGreaterThanEquals", "aws:CurrentTime", "1785412800", True),
        ("DateGreaterThan", "aws:EpochTime", "2026-07-30T11:59:59Z", True),
        ("Bool", "aws:SecureTransport", True, True),
        ("Bool", "aws:SecureTransport", "TRUE", True),
        ("Bool", "aws:SecureTransport", "false", False),
        ("IpAddress", "aws:SourceIp", "203.0.113.0/24", True),
        ("IpAddress", "aws:SourceIp", "203.0.113.7", True),
        ("IpAddress", "aws:SourceIp", ["198.51.100.0/24", "2001:db8::/32"], False),
        ("IpAddress", "aws:VpcSourceIp", ["198.51.100.0/24", "2001:db8::/32"], True),
        ("NotIpAddress", "aws:SourceIp", "203.0.113.0/24", False),
        ("NotIpAddress", "aws:SourceIp", "198.51.100.0/24", True),
        ("ArnEquals", "aws:SourceArn", RULE, True),
        ("ArnEquals", "aws:SourceArn", "arn:aws:events:*:444444444444:rule/*", True),
        ("ArnLike", "aws:SourceArn", "arn:aws:*:*:*:rule/?", True),
        ("ArnLike", "aws:SourceArn", "*", True),
        ("ArnLike", "aws:SourceArn", "arn:aws:events:*:rule/a", False),
        ("ArnLike", "aws:SourceArn", "arn:aws:events:*", False),
        ("ArnNotEquals", "aws:SourceArn", RULE, False),
        ("ArnNotLike", "aws:SourceArn", "arn:aws:events:*:444444444444:rule/b*", True),
        ("StringLike", "aws:SourceArn", "arn:aws:events:*:rule/a", True),
        ("Null", "aws:SourceArn", True, False),
        ("Null", "aws:SourceArn", "false", True),
        ("Null", "aws:SourceVpc", "true", True),
        ("Null", "kms:GrantOperations", "true", True),
        ("Null", "aws:TagKeys", "false", True),
        # A key that the request lacks:
        ("StringEquals", "sts:ExternalId", "x", False),
        ("StringLike", "sts:ExternalId", "*", False),
        ("StringNotEquals", "sts:ExternalId", "x", True),
        ("StringNotLike", "sts:ExternalId", "*", True),
        ("ArnLike", "aws:PrincipalArn", "*", False),
        ("ArnNotLike", "aws:PrincipalArn", "*", True),
        ("NumericNotEquals", "aws:MultiFactorAuthAge", "1", True),
        ("NumericLessThan", "aws:MultiFactorAuthAge", "1", False),
        ("DateGreaterThan", "aws:TokenIssueTime", "2020-01-01", False),
        ("Bool", "aws:MultiFactorAuthPresent", "false", False),
        ("BoolIfExists", "aws:MultiFactorAuthPresent", "false", True),
        ("StringEqualsIfExists", "sts:ExternalId", "x", True),
        ("StringNotEqualsIfExists", "sts:ExternalId", "x", True),
        ("StringEqualsIfExists", "aws:username", "bob", False),
        ("NotIpAddressIfExists", "aws:SourceIp", "203.0.113.0/24", False),
        # Several values, and none:
        ("ForAllValues:StringEquals", "aws:TagKeys", ["team", "cost", "owner"], True),
        ("ForAllValues:StringEquals", "aws:TagKeys", ["team"], False),
        ("ForAnyValue:StringEquals", "aws:TagKeys", ["team"], True),
        ("ForAnyValue:StringEquals", "aws:TagKeys", ["owner"], False),
        ("ForAnyValue:StringLike", "aws:TagKeys", ["c*"], True),
        ("ForAllValues:StringNotEquals", "aws:TagKeys", ["owner"], True),
        ("ForAllValues:StringNotEquals", "aws:TagKeys", ["team"], False),
        ("ForAnyValue:StringNotEquals", "aws:TagKeys", ["team"], True),
        ("ForAnyValue:StringNotEquals", "aws:TagKeys", ["team", "cost"], False),
        ("ForAllValues:StringEquals", "kms:GrantOperations", ["Decrypt"], True),
        ("ForAnyValue:StringEquals", "kms:GrantOperations", ["Decrypt"], False),
        ("ForAnyValue:StringNotEquals", "kms:GrantOperations", ["Decrypt"], False),
        ("ForAllValues:StringEquals", "aws:CalledVia", ["athena.amazonaws.com"], True),
        ("ForAnyValue:StringEqualsIfExists", "aws:CalledVia", ["athena.amazonaws.com"], True),
        ("ForAllValues:StringEquals", "aws:UserAgent", ["x"], True),
        ("ForAnyValue:StringEquals", "aws:UserAgent", [""], False),
        ("StringEquals", "aws:UserAgent", "", True),
        ("ForAllValues:StringEquals", "dynamodb:LeadingKeys", "${aws:username}", True),
        # Variables:
        ("StringEquals", "s3:prefix", "${aws:PrincipalTag/dir, 'data'}/2026/", True),
        ("StringEqualsIgnoreCase", "aws:PrincipalTag/team", "${aws:principaltag/Team}", True),
        ("StringLike", "s3:prefix", "data/${*}", False),
        ("ArnLike", "aws:SourceArn", "arn:aws:events:*:${aws:SourceAccount}:rule/*", True),
        ("StringEquals", "aws:username", "${aws:userid}", False),
        ("StringNotEquals", "aws:username", "${aws:userid}", True),
    ],
)
def test_holds__operator__as_documented(
    operator: str, key: str, value: object, expected: bool
) -> None:
    assert holds({operator: {key: value}}) is expected


def test_holds__several_operators_and_keys__are_joined_by_and() -> None:
    block = {
        "Bool": {"aws:SecureTransport": "true"},
        "StringEquals": {"aws:SourceAccount": "444444444444", "aws:username": "ann"},
    }
    assert holds(block)
    assert not holds(block, {**CONTEXT, "aws:username": ("bob",)})
    assert not holds(block, {**CONTEXT, "aws:securetransport": ("false",)})
    assert holds({})


@pytest.mark.parametrize(
    ("operator", "key", "sent", "expected"),
    [
        ("NumericEquals", "s3:max-keys", "many", False),
        ("NumericNotEquals", "s3:max-keys", "many", True),
        ("DateLessThan", "aws:CurrentTime", "soon", False),
        ("DateLessThan", "aws:CurrentTime", "9" * 30, False),
        ("IpAddress", "aws:SourceIp", "localhost", False),
        ("Bool", "aws:SecureTransport", "perhaps", False),
    ],
)
def test_holds__request_value_of_another_type__is_no_match(
    operator: str, key: str, sent: str, expected: bool
) -> None:
    value = {
        "NumericEquals": "1",
        "NumericNotEquals": "1",
        "DateLessThan": "2026-01-01",
        "IpAddress": "10.0.0.0/8",
        "Bool": "true",
    }
    assert holds({operator: {key: value[operator]}}, {key.lower(): (sent,)}) is expected


def test_holds__several_values_and_no_set_operator__is_an_error() -> None:
    context = {"events:source": ("aws.s3", "acme.loan")}
    assert holds({"ForAllValues:StringLike": {"events:source": "*"}}, context)
    with pytest.raises(PolicyError) as caught:
        holds({"StringEquals": {"events:source": "aws.s3"}}, context)
    assert caught.value.problem == (
        "StringEquals events:source: the request has 2 values, which only ForAllValues and "
        "ForAnyValue compare"
    )


def test_holds__star__reaches_over_line_ends() -> None:
    assert holds({"StringLike": {"s3:prefix": "a*c"}}, {"s3:prefix": ("a\nc",)})


def test_holds__variable_with_several_values__has_no_value() -> None:
    block = {"StringEquals": {"aws:username": "${s3:prefix}"}}
    assert holds(block, {"aws:username": ("a",), "s3:prefix": ("a",)})
    assert not holds(block, {"aws:username": ("a",), "s3:prefix": ("a", "b")})


def test_holds__wildcard_marks_in_a_request__are_not_wildcards() -> None:
    block = {"StringLike": {"aws:username": "${s3:prefix}"}}
    assert not holds(block, {"aws:username": ("admin",), "s3:prefix": ("\ue000",)})


def test_binary_equals__base64__compares_bytes() -> None:
    matches = OPERATORS["BinaryEquals"].matches
    assert matches("QmluYXJ5VmFsdWVJbkJhc2U2NA==", "QmluYXJ5VmFsdWVJbkJhc2U2NA==")
    assert not matches("QmluYXJ5VmFsdWVJbkJhc2U2NA==", "QmluYXJ5")
    with pytest.raises(ValueError, match="'%' is not base64"):
        matches("%", "QmluYXJ5")


def test_operators__all_of_the_documentation__are_there() -> None:
    orders = ["LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"]
    assert set(OPERATORS) == {
        *(f"String{name}" for name in ("Equals", "NotEquals", "Like", "NotLike")),
        *(f"String{name}IgnoreCase" for name in ("Equals", "NotEquals")),
        *(f"{kind}{name}" for kind in ("Numeric", "Date") for name in orders),
        *(f"{kind}{name}" for kind in ("Numeric", "Date") for name in ("Equals", "NotEquals")),
        *(f"Arn{name}" for name in ("Equals", "NotEquals", "Like", "NotLike")),
        "Bool",
        "BinaryEquals",
        "IpAddress",
        "NotIpAddress",
    }


@pytest.mark.parametrize(
    ("block", "problem"),
    [
        (
            {"StringResembles": {"aws:username": "x"}},
            "condition operator StringResembles is not evaluated by the sandbox",
        ),
        (
            {"stringEquals": {"aws:username": "x"}},
            "condition operator stringEquals is not evaluated by the sandbox",
        ),
        (
            {"ForSomeValues:StringEquals": {"aws:TagKeys": "x"}},
            "condition operator ForSomeValues:StringEquals is not evaluated by the sandbox",
        ),
        (
            {"NullIfExists": {"aws:username": "true"}},
            "condition operator NullIfExists is not evaluated by the sandbox",
        ),
        (
            {"StringEquals": {"aws:Unheard": "x"}},
            "condition key aws:Unheard is not evaluated by the sandbox",
        ),
        (
            {"StringEquals": {"aws:PrincipalTag/": "x"}},
            "condition key aws:PrincipalTag/ is not evaluated by the sandbox",
        ),
        (
            {"StringLike": {"s3:prefix": "${aws:Unheard}"}},
            "condition key aws:Unheard is not evaluated by the sandbox",
        ),
        ({"StringLike": {"s3:prefix": "${aws:TagKeys}"}}, "variable ${aws:TagKeys} has several"),
        ({"StringLike": {"s3:prefix": "${aws:username"}}, "is not closed"),
        ({"StringLike": {"s3:prefix": "${a 'b'}"}}, "variable ${a 'b'} is malformed"),
        ({"StringLike": {"s3:prefix": "\ue000"}}, "holds private-use characters"),
        ({"StringEquals": {"aws:TagKeys": "x"}}, "aws:TagKeys needs ForAllValues or ForAnyValue"),
        (
            {"NumericEquals": {"aws:username": "1"}},
            "NumericEquals does not fit aws:username, which is of type String",
        ),
        ({"ArnLike": {"sts:ExternalId": "*"}}, "ArnLike does not fit sts:ExternalId"),
        ({"IpAddress": {"aws:SourceArn": "10.0.0.0/8"}}, "IpAddress does not fit aws:SourceArn"),
        ({"NumericEquals": {"s3:max-keys": "ten"}}, "NumericEquals: 'ten' is not a number"),
        ({"DateLessThan": {"aws:CurrentTime": "soon"}}, "DateLessThan: 'soon' is not a date"),
        ({"Bool": {"aws:SecureTransport": "yes"}}, "Bool: 'yes' is neither true nor false"),
        ({"Null": {"aws:username": "yes"}}, "Null: 'yes' is neither true nor false"),
        ({"IpAddress": {"aws:SourceIp": "10.0.0.0/33"}}, "IpAddress: '10.0.0.0/33' does not"),
        (
            {"Bool": {"aws:SecureTransport": "${aws:username}"}},
            "Bool takes no policy variable: ${aws:username}",
        ),
        ({"StringEquals": {"aws:username": []}}, "StringEquals aws:username has no value"),
        ({"StringEquals": {"aws:username": None}}, "StringEquals: None is not text"),
        ({"StringEquals": "x"}, "StringEquals is not an object"),
        (["x"], "Condition is not an object"),
    ],
)
def test_parse_conditions__not_evaluated_here__is_an_error(block: object, problem: str) -> None:
    with pytest.raises(PolicyError) as caught:
        parse_conditions(block, variables=True)
    assert problem in caught.value.problem
