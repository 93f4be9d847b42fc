"""Every kind of reference, joins, JSON reads and conditions, through executions."""

from __future__ import annotations

import json

import pytest

from sandbox.pipelines.definition.references import parse_path


def _echo(engine, make):
    """Register a function that returns its payload's members as outputs."""
    engine.world.functions[make.function_arn("echo")] = lambda payload: payload


def _resolved(engine, make, value, steps=(), *, parameters=None):
    """Return what an expression becomes in a Lambda step's payload."""
    seen = []
    engine.world.functions[make.function_arn("see")] = lambda payload: seen.append(payload) or {}
    last = make.lambda_step("See", "see", {"value": value})
    description, listed = engine.run([*steps, last], parameters)
    assert description["PipelineExecutionStatus"] == "Succeeded", listed
    return seen[0]["value"], description


PARAMETERS = [
    {"Name": "S", "Type": "String", "DefaultValue": "text"},
    {"Name": "I", "Type": "Integer", "DefaultValue": 3},
    {"Name": "F", "Type": "Float", "DefaultValue": 0.5},
    {"Name": "B", "Type": "Boolean", "DefaultValue": True},
]


@pytest.mark.parametrize(("name", "value"), [("S", "text"), ("I", 3), ("F", 0.5), ("B", True)])
def test_get__parameter__keeps_its_type(engine, make, name, value):
    found, _ = _resolved(engine, make, {"Get": f"Parameters.{name}"}, parameters=PARAMETERS)
    assert found == value
    assert type(found) is type(value)


def test_get__execution_variables__describe_the_execution(engine, make):
    names = ["PipelineName", "PipelineArn", "PipelineExecutionId", "PipelineExecutionArn"]
    found, description = _resolved(engine, make, [{"Get": f"Execution.{name}"} for name in names])
    arn = description["PipelineExecutionArn"]
    pipeline = description["PipelineArn"]
    assert found == [pipeline.rpartition("/")[2], pipeline, arn.rpartition("/")[2], arn]


def test_get__times__are_iso_8601(engine, make):
    names = ["StartDateTime", "CurrentDateTime"]
    found, _ = _resolved(engine, make, [{"Get": f"Execution.{name}"} for name in names])
    assert all(len(text) == 24 and text.endswith("Z") for text in found)
    assert found[0] <= found[1]


def test_join__every_type__as_text(engine, make):
    values = [
        "a",
        1,
        0.25,
        False,
        {"Get": "Parameters.I"},
        {"Std:Join": {"On": "", "Values": ["x", "y"]}},
    ]
    found, _ = _resolved(
        engine, make, {"Std:Join": {"On": "-", "Values": values}}, parameters=PARAMETERS
    )
    assert found == "a-1-0.25-false-3-xy"


def test_get__lambda_outputs__typed(engine, make):
    _echo(engine, make)
    given = {"s": "x", "i": 7, "f": 1.5, "b": True}
    outputs = {"s": "String", "i": "Integer", "f": "Float", "b": "Boolean"}
    first = make.lambda_step("First", "echo", given, outputs)
    value = {name: {"Get": f"Steps.First.OutputParameters['{name}']"} for name in given}
    found, _ = _resolved(engine, make, value, [first])
    assert found == given


def test_get__processing_outputs__by_name_and_position(engine, make):
    code = engine.script("nothing", "")
    step = make.processing("P", code, outputs={"a": "s3://data/a", "b": "s3://data/b"})
    value = [
        {"Get": "Steps.P.ProcessingOutputConfig.Outputs['b'].S3Output.S3Uri"},
        {"Get": "Steps.P.ProcessingOutputConfig.Outputs[0].S3Output.S3Uri"},
        {"Get": "Steps.P.ProcessingResources.ClusterConfig.InstanceCount"},
        {"Get": "Steps.P.ProcessingJobStatus"},
    ]
    found, _ = _resolved(engine, make, value, [step])
    assert found == ["s3://data/b", "s3://data/a", 1, "Completed"]


def _evaluated(engine, make, document):
    text = json.dumps(document)
    code = engine.script(
        "evaluate",
        f"open('/opt/ml/processing/output/eval/evaluation.json', 'w').write({text!r})",
    )
    files = [{"PropertyFileName": "E", "OutputName": "eval", "FilePath": "evaluation.json"}]
    return make.processing("P", code, outputs={"eval": "s3://data/eval"}, PropertyFiles=files)


def _json_get(path):
    return {"Std:JsonGet": {"PropertyFile": {"Get": "Steps.P.PropertyFiles.E"}, "Path": path}}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("metrics.auc.value", 0.9),
        ("$.metrics.auc.value", 0.9),
        ("metrics['with space']", "w"),
        ("rows[1].x", 2),
        ("ok", True),
    ],
)
def test_json_get__property_file__in_step_arguments(engine, make, path, value):
    document = {
        "metrics": {"auc": {"value": 0.9}, "with space": "w"},
        "rows": [{"x": 1}, {"x": 2}],
        "ok": True,
    }
    step = _evaluated(engine, make, document)
    found, _ = _resolved(engine, make, _json_get(path), [step])
    assert found == value


def test_json_get__s3_uri__read_from_there(engine, make):
    engine.world.s3.put("s3://data/x/doc.json", '{"a": [5]}')
    uri = {"Std:Join": {"On": "/", "Values": ["s3://data", "x", "doc.json"]}}
    found, _ = _resolved(engine, make, {"Std:JsonGet": {"S3Uri": uri, "Path": "a[0]"}})
    assert found == 5


def test_json_get__file_not_written__step_fails_and_says_which(engine, make):
    files = [{"PropertyFileName": "E", "OutputName": "eval", "FilePath": "evaluation.json"}]
    code = engine.script("nothing", "")
    step = make.processing("P", code, outputs={"eval": "s3://data/eval"}, PropertyFiles=files)
    check = make.condition(
        "Check", [{"Type": "Equals", "LeftValue": _json_get("a"), "RightValue": 1}]
    )
    description, steps = engine.run([step, check])
    assert description["PipelineExecutionStatus"] == "Failed"
    assert steps["Check"]["FailureReason"] == (
        "ClientError: Property file 'E' of step 'P': cannot read "
        "s3://data/eval/evaluation.json (NoSuchKey)"
    )
    assert steps["P"]["StepStatus"] == "Succeeded"


def test_json_get__path_leads_nowhere__step_fails_and_says_where(engine, make):
    check = make.condition(
        "Check", [{"Type": "Equals", "LeftValue": _json_get("a.b"), "RightValue": 1}]
    )
    _, steps = engine.run([_evaluated(engine, make, {"a": {}}), check])
    assert steps["Check"]["FailureReason"] == (
        "ClientError: JsonGet 'a.b' of property file 'E' of step 'P' has no value: 'b' is missing"
    )


@pytest.mark.parametrize(
    ("auc", "status", "reasons"),
    [(0.849, "Failed", {"AucTooLow": "AUC below 0.85"}), (0.85, "Succeeded", {})],
)
def test_auc_gate__value_against_the_minimum__decides_about_registration(
    engine, make, auc, status, reasons
):
    group = "arn:aws:sagemaker:eu-west-1:222222222222:model-package-group/g"
    register = {
        "Name": "RegisterModel",
        "Type": "RegisterModel",
        "Arguments": {"ModelPackageGroupName": group},
    }
    message = {"Std:Join": {"On": " ", "Values": ["AUC below", {"Get": "Parameters.MinimumAuc"}]}}
    check = make.condition(
        "CheckAuc",
        [_compare("GreaterThanOrEqualTo", _json_get("auc"), {"Get": "Parameters.MinimumAuc"})],
        then=[register],
        otherwise=[make.fail("AucTooLow", message)],
    )
    minimum = [{"Name": "MinimumAuc", "Type": "Float", "DefaultValue": 0.85}]
    description, steps = engine.run([_evaluated(engine, make, {"auc": auc}), check], minimum)
    assert description["PipelineExecutionStatus"] == status
    found = {n: row["FailureReason"] for n, row in steps.items() if "FailureReason" in row}
    assert found == reasons
    registered = status == "Succeeded"
    assert len(engine.world.packages) == registered
    assert ("RegisterModel" in steps) == registered


def test_json_get__not_json__step_fails(engine, make):
    engine.world.s3.put("s3://data/doc.json", "no")
    get = {"Std:JsonGet": {"S3Uri": "s3://data/doc.json", "Path": "a"}}
    _, steps = engine.run([make.fail("F", get)])
    assert steps["F"]["FailureReason"].startswith("ClientError: s3://data/doc.json is not JSON: ")


def _compare(kind, left, right):
    return {"Type": kind, "LeftValue": left, "RightValue": right}


CONDITIONS = [
    ([_compare("Equals", 1, 1.0)], True),
    ([_compare("Equals", "a", "b")], False),
    ([_compare("Equals", True, 1)], False),
    ([_compare("Equals", {"Get": "Parameters.S"}, "text")], True),
    ([_compare("GreaterThan", 2, 1)], True),
    ([_compare("GreaterThan", 1, 1)], False),
    ([_compare("GreaterThanOrEqualTo", 1, 1)], True),
    ([_compare("GreaterThanOrEqualTo", 0.9, 1)], False),
    ([_compare("LessThan", "a", "b")], True),
    ([_compare("LessThan", 1, 1)], False),
    ([_compare("LessThanOrEqualTo", 1, {"Get": "Parameters.I"})], True),
    ([_compare("LessThanOrEqualTo", 4, {"Get": "Parameters.I"})], False),
    ([{"Type": "In", "QueryValue": {"Get": "Parameters.S"}, "Values": ["x", "text"]}], True),
    ([{"Type": "In", "QueryValue": 5, "Values": [1, {"Get": "Parameters.I"}]}], False),
    ([{"Type": "Not", "Condition": _compare("Equals", 1, 2)}], True),
    ([{"Type": "Not", "Condition": _compare("Equals", 1, 1)}], False),
    ([{"Type": "Or", "Conditions": [_compare("Equals", 1, 2), _compare("Equals", 1, 1)]}], True),
    ([{"Type": "Or", "Conditions": [_compare("Equals", 1, 2)]}], False),
    ([_compare("Equals", 1, 1), _compare("Equals", 1, 2)], False),
    ([_compare("Equals", 1, 1), _compare("LessThan", 1, 2)], True),
    ([], True),
]


@pytest.mark.parametrize(("conditions", "outcome"), CONDITIONS)
def test_condition__each_kind__takes_its_branch(engine, make, conditions, outcome):
    _echo(engine, make)
    step = make.condition(
        "C",
        conditions,
        [make.lambda_step("Then", "echo")],
        [make.lambda_step("Otherwise", "echo")],
    )
    description, steps = engine.run([step], PARAMETERS)
    assert description["PipelineExecutionStatus"] == "Succeeded"
    assert list(steps) == ["C", "Then" if outcome else "Otherwise"]
    assert steps["C"]["Metadata"] == {"Condition": {"Outcome": "True" if outcome else "False"}}


def test_condition__number_with_text__step_fails(engine, make):
    description, steps = engine.run([make.condition("C", [_compare("LessThan", "1", 2)])])
    assert description["PipelineExecutionStatus"] == "Failed"
    assert steps["C"]["FailureReason"] == (
        "ClientError: Condition LessThan cannot compare '1' with 2: both must be numbers or both "
        "strings"
    )


def test_get__outcome_of_a_condition__read_by_a_later_step(engine, make):
    step = make.condition("C", [_compare("Equals", 1, 1)])
    found, _ = _resolved(engine, make, {"Get": "Steps.C.Outcome"}, [step])
    assert found == "True"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a.b[0]['c.d'].e", ["a", "b", 0, "c.d", "e"]),
        ('x["y"]', ["x", "y"]),
        ("[2][1]", [2, 1]),
        ("", []),
    ],
)
def test_parse_path__forms__split(text, parts):
    assert parse_path(text) == parts


@pytest.mark.parametrize("text", ["a[", "a..b", "a['b]"])
def test_parse_path__broken__refused(text):
    with pytest.raises(ValueError, match="cannot read"):
        parse_path(text)
