"""Event patterns: each documented operator, and what is refused when a rule is written."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.events.patterns import matches, parse_pattern
from sandbox.model import ServiceError

EVENT = {
    "source": "aws.sagemaker",
    "resources": ["arn:a", "arn:b"],
    "detail": {
        "status": "Failed",
        "count": 3,
        "empty": "",
        "nothing": None,
        "flag": True,
        "ip": "10.0.0.7",
        "path": "models/a*b/model.tar.gz",
        "steps": [{"name": "Train", "ok": True}, {"name": "Check", "ok": False}],
        "nested": {"deep": "value"},
    },
}


# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
@pytest.mark.parametrize(
    ("detail", "expected"),
    [
        ({"status": ["Failed"]}, True),
        ({"status": ["Succeeded", "Failed"]}, True),
        ({"status": ["failed"]}, False),
        ({"missing": ["x"]}, False),
        ({"nested": {"deep": ["value"]}}, True),
        ({"nested": ["value"]}, False),
        ({"count": [3]}, True),
        ({"count": ["3"]}, False),
        ({"count": [True]}, False),
        ({"flag": [True]}, True),
        ({"flag": [1]}, False),
        ({"nothing": [None]}, True),
        ({"status": [None]}, False),
        ({"empty": [""]}, True),
        ({"status": [{"prefix": "Fa"}]}, True),
        ({"status": [{"prefix": "fa"}]}, False),
        ({"status": [{"prefix": {"equals-ignore-case": "fA"}}]}, True),
        ({"status": [{"suffix": "led"}]}, True),
        ({"status": [{"suffix": {"equals-ignore-case": "LED"}}]}, True),
        ({"status": [{"equals-ignore-case": "FAILED"}]}, True),
        ({"status": [{"anything-but": "Failed"}]}, False),
        ({"status": [{"anything-but": ["Succeeded", "Stopped"]}]}, True),
        ({"status": [{"anything-but": {"prefix": "Fa"}}]}, False),
        ({"status": [{"anything-but": {"suffix": ["x", "led"]}}]}, False),
        ({"status": [{"anything-but": {"wildcard": "S*"}}]}, True),
        ({"status": [{"anything-but": {"equals-ignore-case": "failed"}}]}, False),
        ({"missing": [{"anything-but": "x"}]}, False),
        ({"count": [{"numeric": [">", 2]}]}, True),
        ({"count": [{"numeric": [">", 0, "<=", 2]}]}, False),
        ({"count": [{"numeric": ["=", 3]}]}, True),
        ({"status": [{"numeric": [">", 0]}]}, False),
        ({"flag": [{"numeric": [">", 0]}]}, False),
        ({"ip": [{"cidr": "10.0.0.0/24"}]}, True),
        ({"ip": [{"cidr": "10.0.1.0/24"}]}, False),
        ({"status": [{"cidr": "10.0.0.0/24"}]}, False),
        ({"status": [{"exists": True}]}, True),
        ({"missing": [{"exists": True}]}, False),
        ({"missing": [{"exists": False}]}, True),
        ({"missing": {"deeper": [{"exists": False}]}}, True),
        ({"nested": [{"exists": True}]}, False),
        ({"path": [{"wildcard": "models/*/model.tar.gz"}]}, True),
        ({"path": [{"wildcard": "models/a\\*b/*"}]}, True),
        ({"path": [{"wildcard": "models/a\\*c/*"}]}, False),
        ({"steps": {"name": ["Check"]}}, True),
        ({"steps": {"name": ["Check"], "ok": [True]}}, False),
        ({"$or": [{"status": ["x"]}, {"count": [{"numeric": ["<", 9]}]}]}, True),
        ({"$or": [{"status": ["x"]}, {"count": [9]}], "flag": [True]}, False),
    ],
)
def test_matches__operator__as_documented(detail: dict[str, Any], expected: bool) -> None:
    pattern = parse_pattern(json.dumps({"source": ["aws.sagemaker"], "detail": detail}))
    assert matches(pattern, EVENT) is expected


def test_matches__list_in_event__one_common_value_is_enough() -> None:
    assert matches(parse_pattern('{"resources": ["arn:b", "arn:c"]}'), EVENT)
    assert not matches(parse_pattern('{"resources": ["arn:c"]}'), EVENT)


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("{", "not JSON: "),
        ("[]", "it must be an object with at least one field"),
        ("{}", "it must be an object with at least one field"),
        ('{"source": "x"}', "$.source must be an object or an array with at least one value"),
        ('{"source": []}', "$.source must be an object or an array with at least one value"),
        ('{"detail": {"a": {}}}', "$.detail.a must be an object or an array with at least one"),
        ('{"source": [["x"]]}', '$.source holds ["x"]: give a value or one operator'),
        (
            '{"detail": {"a": [{"prefix": "x", "suffix": "y"}]}}',
            '$.detail.a holds {"prefix": "x", "suffix": "y"}: give a value or one operator',
        ),
        ('{"a": [{"regex": ".*"}]}', '$.a holds {"regex": ".*"}: unknown operator or argument'),
        ('{"a": [{"prefix": 1}]}', '$.a holds {"prefix": 1}: unknown operator or argument'),
        ('{"a": [{"exists": "yes"}]}', "unknown operator or argument"),
        ('{"a": [{"numeric": [">"]}]}', "unknown operator or argument"),
        ('{"a": [{"numeric": ["!", 1]}]}', "unknown operator or argument"),
        ('{"a": [{"cidr": "10.0.0.0/99"}]}', "unknown operator or argument"),
        ('{"a": [{"wildcard": "a**"}]}', "unknown operator or argument"),
        ('{"a": [{"anything-but": {"numeric": [">", 1]}}]}', "unknown operator or argument"),
        ('{"a": [{"anything-but": []}]}', "unknown operator or argument"),
        ('{"$or": [{"a": ["x"]}]}', "$.$or must be an array of at least two objects"),
        ('{"$or": [{"a": ["x"]}, 1]}', "$.$or must be an array of at least two objects"),
    ],
)
def test_parse_pattern__invalid__names_place_and_reason(pattern: str, reason: str) -> None:
    with pytest.raises(ServiceError) as caught:
        parse_pattern(pattern)
    assert caught.value.code == "InvalidEventPatternException"
    assert caught.value.message.startswith("Event pattern is not valid. Reason: ")
    assert reason in caught.value.message
