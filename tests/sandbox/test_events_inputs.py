"""What a target receives of an event."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.events.inputs import pipeline_parameters, select, target_input
from sandbox.model import ServiceError

RULE = "arn:aws:events:eu-west-1:444444444444:rule/drift"
EVENT = {
    "id": "e-1",
    "source": "promotion.data-quality",
    "time": "2026-11-21T06:00:00Z",
    "detail": {"use_case": "mammography", "n": 3, "who": 'say "hi"', "uris": ["s3://a", "s3://b"]},
}


def received(**target: Any) -> str:
    return target_input({"Id": "t", "Arn": "arn:x", **target}, EVENT, rule_arn=RULE)


def test_target_input__nothing_given__is_the_whole_event() -> None:
    assert json.loads(received()) == EVENT


def test_target_input__constant__is_passed_as_it_is() -> None:
    assert received(Input='{"a":  1}') == '{"a":  1}'


def test_target_input__path__is_that_part() -> None:
    assert json.loads(received(InputPath="$.detail")) == EVENT["detail"]


def test_target_input__path_that_is_not_there__is_an_error() -> None:
    with pytest.raises(ServiceError, match=r"the event has no \$\.detail\.none"):
        received(InputPath="$.detail.none")


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ('{"case": <case>, "n": <n>}', '{"case": "mammography", "n": 3}'),
        ('{"text": "drift in <case> of <n>"}', '{"text": "drift in mammography of 3"}'),
        ('"drift in <case>"', '"drift in mammography"'),
        ('{"said": "<who>"}', '{"said": "say \\"hi\\""}'),
        ('{"uris": <uris>}', '{"uris": ["s3://a", "s3://b"]}'),
        ('{"none": <none>, "text": "<none>"}', '{"none": "", "text": ""}'),
        ('{"rule": "<aws.events.rule-name>"}', '{"rule": "drift"}'),
        ('{"arn": <aws.events.rule-arn>}', f'{{"arn": "{RULE}"}}'),
        (
            '{"at": <aws.events.event.ingestion-time>}',
            '{"at": "2026-11-21T06:00:00Z"}',
        ),
    ],
)
def test_target_input__template__is_filled_in(template: str, expected: str) -> None:
    paths = {
        "case": "$.detail.use_case",
        "n": "$.detail.n",
        "who": "$.detail.who",
        "uris": "$.detail.uris",
        "none": "$.detail.none",
    }
    transformer = {"InputPathsMap": paths, "InputTemplate": template}
    assert received(InputTransformer=transformer) == expected


def test_target_input__event_variables__with_and_without_detail() -> None:
    template = '{"all": <aws.events.event.json>, "head": <aws.events.event>}'
    filled = json.loads(received(InputTransformer={"InputTemplate": template}))
    head = {key: value for key, value in EVENT.items() if key != "detail"}
    assert filled == {"all": EVENT, "head": head}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$", EVENT),
        ("$.time", "2026-11-21T06:00:00Z"),
        ("$.detail.uris[1]", "s3://b"),
        ("$['detail']['use_case']", "mammography"),
    ],
)
def test_select__path__is_followed(path: str, value: object) -> None:
    assert select(path, EVENT) == value


@pytest.mark.parametrize("path", ["detail", "$..detail", "$.detail[*]", "$.a b"])
def test_select__other_syntax__is_refused(path: str) -> None:
    with pytest.raises(ServiceError) as caught:
        select(path, EVENT)
    assert caught.value.code == "ValidationException"


def test_pipeline_parameters__paths_and_texts__are_resolved() -> None:
    listed = [
        {"Name": "BatchDate", "Value": "$.time"},
        {"Name": "Count", "Value": "$.detail.n"},
        {"Name": "Fixed", "Value": "plain"},
    ]
    target = {"SageMakerPipelineParameters": {"PipelineParameterList": listed}}
    assert pipeline_parameters(target, EVENT) == [
        {"Name": "BatchDate", "Value": "2026-11-21T06:00:00Z"},
        {"Name": "Count", "Value": "3"},
        {"Name": "Fixed", "Value": "plain"},
    ]


def test_pipeline_parameters__missing_part__names_the_parameter() -> None:
    listed = [{"Name": "BatchUri", "Value": "$.detail.batch"}]
    target = {"SageMakerPipelineParameters": {"PipelineParameterList": listed}}
    with pytest.raises(ServiceError, match=r"no \$\.detail\.batch for parameter BatchUri"):
        pipeline_parameters(target, EVENT)
