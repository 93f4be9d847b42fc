"""Checks of requests against botocore's shapes, and the small values beside them."""

from __future__ import annotations

import pytest

from sandbox.pipelines import s3_uri
from sandbox.pipelines.jobs.filters import join_and_filter, row_filter
from sandbox.pipelines.jobs.transfer import relative
from sandbox.pipelines.shapes import input_shape, problems_of


def _problems(operation, value, skip=lambda _: False):
    shape = input_shape(operation)
    return list(problems_of(value, shape, "", skip, frozenset(shape.required_members)))


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ({"Tags": "x"}, "'Tags' must be a list, not str"),
        ({"Tags": [1]}, "'Tags.1.member' must be an object, not integer"),
        (
            {"Environment": ["x"]},
            "'Environment' must be an object, not list",
        ),
        ({"Environment": {"A": 1}}, "'Environment.A' must be of type string, not integer"),
        (
            {"StoppingCondition": {"MaxRuntimeInSeconds": True}},
            "'StoppingCondition.MaxRuntimeInSeconds' must be of type integer, not boolean",
        ),
        (
            {"StoppingCondition": {"MaxRuntimeInSeconds": 0}},
            "Value '0' at 'StoppingCondition.MaxRuntimeInSeconds' failed to satisfy constraint: "
            "Member must have value greater than or equal to 1",
        ),
        (
            {"NetworkConfig": {"EnableNetworkIsolation": "yes"}},
            "'NetworkConfig.EnableNetworkIsolation' must be of type boolean, not str",
        ),
        (
            {"ExperimentConfig": {"ExperimentName": "x" * 121}},
            f"Value '{'x' * 80}' at 'ExperimentConfig.ExperimentName' failed to satisfy "
            "constraint: Member must have length less than or equal to 120",
        ),
        ({"Environment": {"A": None}}, "'Environment.A' must be of type string, not null"),
    ],
)
def test_problems_of__each_kind_of_fault__aws_wording(value, problem):
    assert _problems("CreateProcessingJob", value)[0] == problem


def test_problems_of__enum__values_listed():
    tags = {"SortOrder": "Up"}
    assert _problems("ListPipelines", tags) == [
        "Value 'Up' at 'SortOrder' failed to satisfy constraint: Member must satisfy enum value "
        "set: [Ascending, Descending]"
    ]


def test_problems_of__timestamp__number_or_text_only():
    assert _problems("ListPipelines", {"CreatedAfter": 1.5}) == []
    assert _problems("ListPipelines", {"CreatedAfter": [1]}) == [
        "'CreatedAfter' must be a timestamp, not list"
    ]


def test_problems_of__expressions__skipped():
    value = {"Environment": {"Get": "x"}, "Tags": {"Get": "y"}}
    assert (
        _problems("CreateProcessingJob", value, lambda v: isinstance(v, dict) and "Get" in v) == []
    )


@pytest.mark.parametrize(
    ("uri", "expected"),
    [("s3://b/a/k", ("b", "a/k")), ("s3://b", ("b", "")), ("s3://b/", ("b", ""))],
)
def test_split__uri__bucket_and_key(uri, expected):
    assert s3_uri.split(uri) == expected


@pytest.mark.parametrize("uri", ["http://b/k", "s3://", "b/k"])
def test_split__other__refused(uri):
    with pytest.raises(ValueError, match="is not an S3 URI"):
        s3_uri.split(uri)


@pytest.mark.parametrize(
    ("key", "prefix", "path"),
    [
        ("a/b/c.csv", "a/b/c.csv", "c.csv"),
        ("a/b/c.csv", "a/b/", "c.csv"),
        ("a/b/c.csv", "a/b", "c.csv"),
        ("a/b/c.csv", "a", "b/c.csv"),
        ("a/b/c.csv", "a/b/c", "c.csv"),
        ("a/b/c.csv", "", "a/b/c.csv"),
    ],
)
def test_relative__key_below_prefix__path(key, prefix, path):
    assert relative(key, prefix) == path


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("$", ["a", "b", "c", "d"]),
        ("", ["a", "b", "c", "d"]),
        ("$[1:]", ["b", "c", "d"]),
        ("$[:-1]", ["a", "b", "c"]),
        ("$[::2]", ["a", "c"]),
        ("$[0,-1]", ["a", "d"]),
        ("$[ 2 , 0 ]", ["c", "a"]),
        ("$[9]", []),
        ("$[-9]", []),
    ],
)
def test_row_filter__array_operators__select(expression, expected):
    assert row_filter(expression)(["a", "b", "c", "d"]) == expected


@pytest.mark.parametrize("expression", ["$.a", "[1:]", "$[a]", "$['id']", "$[1:2:3:4]"])
def test_row_filter__other__refused(expression):
    with pytest.raises(ValueError, match="is not a filter for CSV rows"):
        row_filter(expression)


def test_join_and_filter__quoted_fields__stay_one_field():
    lines = join_and_filter(['"a,b",1', '"say ""x""",2'], ["0.5", "0.25"], True, "$[0,-1]")
    assert lines == ['"a,b",0.5', '"say ""x""",0.25']


def test_join_and_filter__counts_differ__refused():
    with pytest.raises(ValueError, match="answered 1 records to 2"):
        join_and_filter(["1", "2"], ["0.5"], True, "$")


def test_join_and_filter__without_join__filters_the_output():
    assert join_and_filter(["1"], ["0.5,0.25"], False, "$[1]") == ["0.25"]
