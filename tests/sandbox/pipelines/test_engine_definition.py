"""What CreatePipeline and UpdatePipeline refuse, and that they then change nothing."""

from __future__ import annotations

import json

import pytest

from sandbox.model import ServiceError


def _refusal(engine, make, steps, parameters=None, version="2020-12-01"):
    document = {"Version": version, "Parameters": parameters or [], "Steps": steps}
    return _refusal_of(engine, make, json.dumps(document))


def _refusal_of(engine, make, text):
    with pytest.raises(ServiceError) as caught:
        engine.call(
            "CreatePipeline",
            PipelineName="bad",
            PipelineDefinition=text,
            ClientRequestToken=engine.token(),
            RoleArn=make.ROLE,
        )
    assert caught.value.code == "ValidationException"
    assert caught.value.status == 400
    assert engine.call("ListPipelines")["PipelineSummaries"] == []
    prefix = "Unable to parse pipeline definition: "
    assert caught.value.message.startswith(prefix)
    return caught.value.message.removeprefix(prefix)


def test_create__unknown_step_type__names_type_and_step(engine, make):
    message = _refusal(engine, make, [{"Name": "A", "Type": "Magic", "Arguments": {}}])
    assert message.startswith("Step 'A': unknown Type 'Magic'; known are AutoML, ")


@pytest.mark.parametrize(
    "step_type", ["QualityCheck", "ClarifyCheck", "Tuning", "EMR", "AutoML", "ForEach"]
)
def test_create__type_that_cannot_be_executed__refused_by_name(engine, make, step_type):
    message = _refusal(engine, make, [{"Name": "Check", "Type": step_type, "Arguments": {}}])
    assert message == (
        f"Step 'Check' is of type '{step_type}', which the sandbox cannot execute; it executes "
        "Callback, Condition, Fail, Lambda, Model, Processing, RegisterModel, Training, "
        "Transform. Use one of these or run the pipeline on AWS"
    )


def test_create__unsupported_type_inside_a_branch__refused(engine, make):
    nested = make.condition("C", [], then=[{"Name": "T", "Type": "Tuning", "Arguments": {}}])
    assert _refusal(engine, make, [nested]).startswith("Step 'T' is of type 'Tuning'")


@pytest.mark.parametrize(
    ("get", "problem"),
    [
        ("Parameters.Nope", "reference to parameter 'Nope', which is not defined"),
        ("Execution.Nope", "reference to unknown execution variable 'Nope'"),
        ("Steps.Nope.X", "depends on step 'Nope', which does not exist"),
        (
            "Nope.X",
            "'Nope.X' is not a reference: write Parameters.NAME, Execution.NAME or "
            "Steps.NAME.PROPERTY",
        ),
        ("Steps.F.X", "reference 'Steps.F.X' to the step itself"),
        ("Steps.L.Wrong", "'Steps.L.Wrong': a Lambda step has no such property"),
        (
            "Steps.L.OutputParameters['no']",
            "'Steps.L.OutputParameters['no']': step 'L' declares no such output parameter",
        ),
        (
            "Steps.P.ProcessingOutputConfig.Outputs['no'].S3Output.S3Uri",
            "'Steps.P.ProcessingOutputConfig.Outputs['no'].S3Output.S3Uri': a Processing step "
            "has no such property",
        ),
        (
            "Steps.P.ProcessingJobNam",
            "'Steps.P.ProcessingJobNam': a Processing step has no such property",
        ),
    ],
)
def test_create__dangling_reference__named_with_its_step(engine, make, get, problem):
    steps = [
        make.lambda_step("L", "f", outputs={"yes": "String"}),
        make.processing("P", "s3://data/code/x.py", outputs={"yes": "s3://data/out"}),
        make.fail("F", {"Std:Join": {"On": "", "Values": ["a", {"Get": get}]}}),
    ]
    assert _refusal(engine, make, steps) == f"Step 'F': {problem}"


def test_create__dangling_property_file__named(engine, make):
    get = {"Std:JsonGet": {"PropertyFile": {"Get": "Steps.P.PropertyFiles.No"}, "Path": "a"}}
    steps = [make.processing("P", "s3://data/code/x.py"), make.fail("F", get)]
    assert _refusal(engine, make, steps) == (
        "Step 'F': 'Steps.P.PropertyFiles.No': step 'P' declares no such PropertyFile"
    )


def test_create__property_file_of_missing_output__named(engine, make):
    files = [{"PropertyFileName": "E", "OutputName": "no", "FilePath": "e.json"}]
    step = make.processing("P", "s3://data/code/x.py", PropertyFiles=files)
    assert _refusal(engine, make, [step]) == (
        "Step 'P': PropertyFile 'E' names output 'no', which the step does not have"
    )


def test_create__cycle__shown(engine, make):
    steps = [
        make.lambda_step("A", "f", DependsOn=["C"]),
        make.lambda_step("B", "f", DependsOn=["A"]),
        make.lambda_step("C", "f", DependsOn=["B"]),
    ]
    message = _refusal(engine, make, steps)
    assert message.startswith("the steps form a cycle: ")
    names = message.removeprefix("the steps form a cycle: ").split(" -> ")
    assert names[0] == names[-1]
    assert set(names) == {"A", "B", "C"}


def test_create__duplicate_names_also_in_branches__refused(engine, make):
    steps = [make.fail("X", "a"), make.condition("C", [], then=[make.fail("X", "b")])]
    assert _refusal(engine, make, steps) == "Step name 'X' is used 2 times: names must be unique"


def test_create__several_problems__all_reported_at_once(engine, make):
    steps = [
        make.fail("A", {"Get": "Parameters.Nope"}),
        {"Name": "bad name", "Type": "Fail", "Arguments": {}},
        make.lambda_step("L", "f", DependsOn=["Gone"]),
    ]
    parameters = [{"Name": "N", "Type": "Integer", "DefaultValue": "1"}]
    assert _refusal(engine, make, steps, parameters).split("; ") == [
        "Parameter 'N': DefaultValue '1' is not Integer",
        "Step name 'bad name' must match [A-Za-z0-9\\-_]{1,64}",
        "Step 'A': reference to parameter 'Nope', which is not defined",
        "Step 'L': depends on step 'Gone', which does not exist",
    ]


def test_create__arguments_that_do_not_fit_the_request__named(engine, make):
    step = make.processing("P", "s3://data/code/x.py")
    cluster = step["Arguments"]["ProcessingResources"]["ClusterConfig"]
    cluster["InstanceCount"] = "1"
    cluster["Colour"] = "red"
    del step["Arguments"]["AppSpecification"]["ImageUri"]
    assert _refusal(engine, make, [step]).split("; ") == [
        "Step 'P': 'Arguments.ProcessingResources.ClusterConfig.InstanceCount' must be of type "
        "integer, not str",
        "Step 'P': Unknown member 'Arguments.ProcessingResources.ClusterConfig.Colour'",
        "Step 'P': Value null at 'Arguments.AppSpecification.ImageUri' failed to satisfy "
        "constraint: Member must not be null",
    ]


@pytest.mark.parametrize(
    ("parameter", "problem"),
    [
        ({"Name": "N", "Type": "Text"}, "Parameter 'N' has unknown Type 'Text'"),
        (
            {"Name": "N", "Type": "String", "DefaultValue": "c", "EnumValues": ["a", "b"]},
            "Parameter 'N': DefaultValue 'c' is not in EnumValues",
        ),
        (
            {"Name": "N", "Type": "Integer", "DefaultValue": True},
            "Parameter 'N': DefaultValue True is not Integer",
        ),
    ],
)
def test_create__bad_parameter__named(engine, make, parameter, problem):
    assert _refusal(engine, make, [make.fail("A", "x")], [parameter]) == problem


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        (
            {"CacheConfig": {"Enabled": True, "ExpireAfter": "30 days"}},
            "CacheConfig ExpireAfter: '30 days' is not an ISO 8601 duration such as P30D or T12H",
        ),
        (
            {"RetryPolicies": [{"ExceptionType": ["Nope"], "MaxAttempts": 1}]},
            "RetryPolicies: unknown ExceptionType 'Nope'",
        ),
        (
            {"RetryPolicies": [{"ExceptionType": ["Step.THROTTLING"]}]},
            "RetryPolicies: give either MaxAttempts or ExpireAfterMin",
        ),
        (
            {"DependsOn": [{"Step": "B", "Trigger": "Maybe"}]},
            "Trigger 'Maybe' is not one of Completed, Failed, Stopped, Any",
        ),
    ],
)
def test_create__bad_policy__named(engine, make, more, problem):
    steps = [make.lambda_step("A", "f", **more), make.lambda_step("B", "f")]
    assert _refusal(engine, make, steps) == f"Step 'A': {problem}"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "it is not JSON: "),
        ("[]", "it must be a JSON object"),
        ('{"Version": "2019-01-01"}', "Version must be '2020-12-01', not '2019-01-01'"),
        (
            '{"Version": "2020-12-01", "Steps": []}',
            "Steps must be a list of at least one step",
        ),
    ],
)
def test_create__not_a_definition__refused(engine, make, text, problem):
    assert _refusal_of(engine, make, text).startswith(problem)


@pytest.mark.parametrize(
    ("step", "problem"),
    [
        ("text", "Steps item 1 must be an object"),
        ({"Name": "A", "Type": "Fail", "Arguments": []}, None),
        (
            {"Name": "A", "Type": "Fail", "Arguments": [1]},
            "Step 'A': Arguments must be an object",
        ),
        (
            {"Name": "A", "Type": "Fail", "DependsOn": "B"},
            "Step 'A': DependsOn must be a list",
        ),
        (
            {"Name": "A", "Type": "Fail", "RetryPolicies": ["x"]},
            "Step 'A': RetryPolicies item 1 must be an object",
        ),
        (
            {"Name": "A", "Type": "Lambda", "OutputParameters": [{"OutputType": "String"}]},
            "Step 'A': OutputParameters item 1 has no OutputName",
        ),
        (
            {"Name": "A", "Type": "Condition", "Arguments": {"IfSteps": [{"Name": "B"}, 1]}},
            "Step 'A': IfSteps item 2 must be an object",
        ),
        (
            {
                "Name": "A",
                "Type": "Condition",
                "Arguments": {"ElseSteps": [{"Name": "B", "PropertyFiles": {"a": 1}}]},
            },
            "Step 'B': PropertyFiles must be a list",
        ),
        ({"Name": "A", "Type": "Lambda", "Arguments": {}}, "Step 'A': FunctionArn is missing"),
        (
            {"Name": "A", "Type": "Fail", "CacheConfig": {"Enabled": True}},
            "Step 'A': a Fail step has no CacheConfig",
        ),
    ],
)
def test_create__step_of_wrong_form__named(engine, make, step, problem):
    if problem is None:  # an empty list stands for no arguments, as null does
        engine.create([step])
    else:
        assert _refusal(engine, make, [step]) == problem


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"Path": "a"}, "Std:JsonGet needs either PropertyFile or S3Uri"),
        ({"S3Uri": "s3://b/k"}, "Std:JsonGet has no Path"),
        (
            {"S3Uri": "s3://b/k", "Path": "a["},
            "Std:JsonGet Path: cannot read 'a[' from '['",
        ),
        (
            {"PropertyFile": "E", "Path": "a"},
            "Std:JsonGet PropertyFile must be a Get of Steps.NAME.PropertyFiles.FILE",
        ),
    ],
)
def test_create__json_get_of_wrong_form__named(engine, make, body, problem):
    assert _refusal(engine, make, [make.fail("F", {"Std:JsonGet": body})]) == f"Step 'F': {problem}"


@pytest.mark.parametrize(
    "path",
    [
        "HyperParameters['eta']",
        "ModelArtifacts.S3ModelArtifacts",
        "InputDataConfig[0].DataSource.S3DataSource.S3Uri",
        "InputDataConfig['x'].ChannelName",
        "TrainingJobName",
    ],
)
def test_create__property_of_a_training_step__accepted(engine, make, path):
    train = {
        "Name": "T",
        "Type": "Training",
        "Arguments": {
            "AlgorithmSpecification": {"TrainingImage": make.IMAGE, "TrainingInputMode": "File"},
            "OutputDataConfig": {"S3OutputPath": "s3://data/m"},
            "StoppingCondition": {"MaxRuntimeInSeconds": 60},
        },
    }
    assert engine.create([train, make.fail("F", {"Get": f"Steps.T.{path}"})])


@pytest.mark.parametrize("path", ["TrainingJobName.X", "ModelArtifacts.No", "HyperParameters.a.b"])
def test_create__property_that_a_training_step_has_not__refused(engine, make, path):
    train = {
        "Name": "T",
        "Type": "Training",
        "Arguments": {
            "AlgorithmSpecification": {"TrainingImage": make.IMAGE, "TrainingInputMode": "File"},
            "OutputDataConfig": {"S3OutputPath": "s3://data/m"},
        },
    }
    steps = [train, make.fail("F", {"Get": f"Steps.T.{path}"})]
    assert _refusal(engine, make, steps) == (
        f"Step 'F': 'Steps.T.{path}': a Training step has no such property"
    )


def test_create__parameter_defined_twice__refused(engine, make):
    row = {"Name": "N", "Type": "String", "DefaultValue": "x"}
    message = _refusal(engine, make, [make.fail("F", "x")], [row, row])
    assert message == "Parameter 'N' is defined twice"


def test_create__bad_condition__named(engine, make):
    conditions = [{"Type": "Like"}, {"Type": "Not", "Condition": {"Type": "Equals"}}]
    message = _refusal(engine, make, [make.condition("C", conditions)])
    known = "Equals, GreaterThan, GreaterThanOrEqualTo, LessThan, LessThanOrEqualTo, In, Not, Or"
    assert message == (
        f"Step 'C': unknown condition Type 'Like'; known are {known}; "
        "Step 'C': condition Equals has no LeftValue; "
        "Step 'C': condition Equals has no RightValue"
    )


def test_update__bad_definition__keeps_the_stored_one(engine, make):
    name = engine.create([make.fail("A", "x")])
    before = engine.call("DescribePipeline", PipelineName=name)
    with pytest.raises(ServiceError) as caught:
        engine.call("UpdatePipeline", PipelineName=name, PipelineDefinition="{}")
    assert caught.value.code == "ValidationException"
    assert engine.call("DescribePipeline", PipelineName=name) == before
