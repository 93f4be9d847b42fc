"""Checks of definitions: each planted fault is named with its step and field."""

from collections.abc import Callable
from typing import Any

import pytest

from promotion.build.checks import Subject, check_definition

Spoil = Callable[[dict[str, Any]], object]


def problems(definition: dict[str, Any]) -> list[str]:
    return check_definition(
        Subject(
            definition=definition,
            pipelines=("train",),
            code=("steps/check.py",),
            machine_paths=("/home/somebody/project",),
        )
    )


def step(definition: dict[str, Any], name: str) -> dict[str, Any]:
    if name == "Bad":
        found: dict[str, Any] = step(definition, "IsGood")["Arguments"]["ElseSteps"][0]
        return found
    return next(s for s in definition["Steps"] if s["Name"] == name)


def arguments(definition: dict[str, Any], name: str = "Check") -> dict[str, Any]:
    found: dict[str, Any] = step(definition, name)["Arguments"]
    return found


def test_checks__valid_definition__has_no_problem(definition: dict[str, Any]) -> None:
    assert problems(definition) == []


CASES: dict[str, tuple[Spoil, str]] = {
    "version": (lambda d: d.update(Version="2019"), "Version: is '2019', not '2020-12-01'"),
    "parameter twice": (
        lambda d: d["Parameters"].append(dict(d["Parameters"][0])),
        "Parameters.InputUri: stands 2 times",
    ),
    "parameter type": (
        lambda d: d["Parameters"].append({"Name": "P", "Type": "Text"}),
        "Parameters.P.Type: 'Text' is no parameter type",
    ),
    "parameter default": (
        lambda d: d["Parameters"][1].update(DefaultValue=True),
        "Parameters.Count.DefaultValue: True is not of the type Integer",
    ),
    "parameter enum": (
        lambda d: d["Parameters"][3].update(DefaultValue="c"),
        "Parameters.Mode.DefaultValue: 'c' is not one of 'a', 'b'",
    ),
    "duplicate step name": (
        lambda d: step(d, "Bad").update(Name="Find"),
        "step Find: Name: 2 steps have it",
    ),
    "step name": (
        lambda d: step(d, "Bad").update(Name="not good"),
        "step not good: Name: is not 1-64 letters, digits, hyphens and underscores",
    ),
    "unknown step type": (
        lambda d: step(d, "Bad").update(Type="Explode"),
        "step Bad: Type: 'Explode' is not a step type",
    ),
    "lambda without function": (
        lambda d: step(d, "Find").pop("FunctionArn"),
        "step Find: FunctionArn: is missing",
    ),
    "fail without message": (
        lambda d: step(d, "Bad").update(Arguments={}),
        "step Bad: Arguments.ErrorMessage: is missing",
    ),
    "condition without conditions": (
        lambda d: arguments(d, "IsGood").update(Conditions=[]),
        "step IsGood: Arguments.Conditions: there is none",
    ),
    "branch is no list": (
        lambda d: arguments(d, "IsGood").update(IfSteps="x"),
        "step IsGood: Arguments.IfSteps: is not a list of steps",
    ),
    "property file without output": (
        lambda d: step(d, "Check")["PropertyFiles"][0].update(OutputName="x"),
        "step Check: PropertyFiles.Report: the step has no output 'x'",
    ),
    "unknown parameter": (
        lambda d: arguments(d).update(RoleArn={"Get": "Parameters.Role"}),
        "step Check: Arguments.RoleArn: Get 'Parameters.Role': there is no parameter 'Role'",
    ),
    "unknown execution variable": (
        lambda d: arguments(d).update(RoleArn={"Get": "Execution.Moon"}),
        "step Check: Arguments.RoleArn: Get 'Execution.Moon': there is no execution variable "
        "'Moon'",
    ),
    "unknown step": (
        lambda d: arguments(d).update(RoleArn={"Get": "Steps.Gone.Arn"}),
        "step Check: Arguments.RoleArn: Get 'Steps.Gone.Arn': there is no step 'Gone'",
    ),
    "unknown group": (
        lambda d: arguments(d).update(RoleArn={"Get": "Step.Gone"}),
        "step Check: Arguments.RoleArn: Get 'Step.Gone': is none of Parameters, Execution, Steps",
    ),
    "unknown property file": (
        lambda d: arguments(d, "IsGood")["Conditions"][0]["LeftValue"]["Std:JsonGet"].update(
            PropertyFile={"Get": "Steps.Check.PropertyFiles.Other"}
        ),
        "step IsGood: Arguments.Conditions[0].LeftValue.Std:JsonGet.PropertyFile: Get "
        "'Steps.Check.PropertyFiles.Other': step Check has no property file 'Other'",
    ),
    "json get without path": (
        lambda d: arguments(d, "IsGood")["Conditions"][0]["LeftValue"]["Std:JsonGet"].pop("Path"),
        "step IsGood: Arguments.Conditions[0].LeftValue: Std:JsonGet: has no Path",
    ),
    "depends on unknown step": (
        lambda d: step(d, "Find").update(DependsOn=["Gone"]),
        "step Find: DependsOn: there is no step 'Gone'",
    ),
    "cycle": (
        lambda d: step(d, "Find").update(DependsOn=["Check"]),
        "step Find: DependsOn: the steps wait for each other: Find -> Check -> Find",
    ),
    "cycle through a branch": (
        lambda d: step(d, "Find").update(DependsOn=["Bad"]),
        "step Find: DependsOn: the steps wait for each other: Find -> Check -> IsGood -> Bad "
        "-> Find",
    ),
    "unknown output parameter": (
        lambda d: arguments(d).update(RoleArn={"Get": "Steps.Find.OutputParameters['x']"}),
        "step Check: Arguments.RoleArn: Get \"Steps.Find.OutputParameters['x']\": step Find has "
        "no output parameter 'x'",
    ),
    "unknown output": (
        lambda d: step(d, "Bad").update(
            Arguments={
                "ErrorMessage": {
                    "Get": "Steps.Check.ProcessingOutputConfig.Outputs['x'].S3Output.S3Uri"
                }
            }
        ),
        "step Bad: Arguments.ErrorMessage: Get "
        "\"Steps.Check.ProcessingOutputConfig.Outputs['x'].S3Output.S3Uri\": step Check has no "
        "output 'x'",
    ),
    "unknown property": (
        lambda d: step(d, "Bad").update(Arguments={"ErrorMessage": {"Get": "Steps.Check.Model"}}),
        "step Bad: Arguments.ErrorMessage: Get 'Steps.Check.Model': DescribeProcessingJobResponse "
        "has no member 'Model'",
    ),
    "arguments of the wrong kind": (
        lambda d: step(d, "Bad").update(Arguments=[]),
        "step Bad: Arguments: is not an object",
    ),
    "get of the wrong kind": (
        lambda d: arguments(d).update(RoleArn={"Get": 3}),
        "step Check: Arguments.RoleArn: Get: is not text",
    ),
    "json get of nothing": (
        lambda d: arguments(d, "IsGood")["Conditions"][0].update(
            LeftValue={"Std:JsonGet": {"Path": "auc"}}
        ),
        "step IsGood: Arguments.Conditions[0].LeftValue: Std:JsonGet: has neither PropertyFile "
        "nor S3Uri",
    ),
    "property of a condition": (
        lambda d: arguments(d, "Bad").update(ErrorMessage={"Get": "Steps.IsGood.Result"}),
        "step Bad: Arguments.ErrorMessage: Get 'Steps.IsGood.Result': a Condition step has only "
        "the property 'Outcome'",
    ),
    "property of a lambda": (
        lambda d: arguments(d, "Bad").update(ErrorMessage={"Get": "Steps.Find.Payload"}),
        "step Bad: Arguments.ErrorMessage: Get 'Steps.Find.Payload': a Lambda step has only the "
        "properties OutputParameters['NAME']",
    ),
    "key of a text": (
        lambda d: arguments(d, "Bad").update(ErrorMessage={"Get": "Steps.Check.RoleArn['x']"}),
        "step Bad: Arguments.ErrorMessage: Get \"Steps.Check.RoleArn['x']\": RoleArn takes no "
        "['x']",
    ),
    "malformed property": (
        lambda d: arguments(d, "Bad").update(ErrorMessage={"Get": "Steps.Check.RoleArn[x"}),
        "step Bad: Arguments.ErrorMessage: Get 'Steps.Check.RoleArn[x': RoleArn has no member '[x'",
    ),
    "unknown token": (
        lambda d: arguments(d).update(RoleArn="${env.role}"),
        "step Check: Arguments.RoleArn: ${env.role}: unknown token",
    ),
    "missing code": (
        lambda d: arguments(d)["ProcessingInputs"][0]["S3Input"].update(S3Uri="${code.steps/x.py}"),
        "step Check: Arguments.ProcessingInputs[0].S3Input.S3Uri: ${code.steps/x.py}: the use "
        "case has no file 'steps/x.py'",
    ),
    "undeclared pipeline": (
        lambda d: arguments(d)["Environment"].update(P="${use_case.pipelines.score}"),
        "step Check: Arguments.Environment.P: ${use_case.pipelines.score}: no pipeline 'score' is "
        "declared",
    ),
    "region of the build": (
        lambda d: arguments(d)["Environment"].update(REGION="eu-neutral-1"),
        "step Check: Arguments.Environment.REGION: the build's region stands literally; use "
        "${env.region} (in 'eu-neutral-1')",
    ),
    "account of the build": (
        lambda d: arguments(d)["Environment"].update(A="arn:aws:iam::000000000000:role/x"),
        "step Check: Arguments.Environment.A: the build's account stands literally; use "
        "${env.account_id} (in 'arn:aws:iam::000000000000:role/x')",
    ),
    "path of the machine": (
        lambda d: arguments(d)["Environment"].update(A="/home/somebody/project/x"),
        "step Check: Arguments.Environment.A: a path of the building machine (in "
        "'/home/somebody/project/x')",
    ),
    "account in an ARN": (
        lambda d: arguments(d).update(RoleArn="arn:aws:iam::123456789012:role/x"),
        "step Check: Arguments.RoleArn: account 123456789012 stands literally; use a token (in "
        "'arn:aws:iam::123456789012:role/x')",
    ),
    "account of an image": (
        lambda d: arguments(d)["AppSpecification"].update(
            ImageUri="123456789012.dkr.ecr.eu-west-1.amazonaws.com/x:1"
        ),
        "step Check: Arguments.AppSpecification.ImageUri: account 123456789012 stands literally; "
        "use a token (in '123456789012.dkr.ecr.eu-west-1.amazonaws.com/x:1')",
    ),
    "token without end": (
        lambda d: arguments(d)["Environment"].update(A="${env.region"),
        "step Check: Arguments.Environment.A: a token is not closed (in '${env.region')",
    ),
    "token in a key": (
        lambda d: arguments(d)["Environment"].update({"${env.region}": "x"}),
        "step Check: Arguments.Environment.${env.region}: a key takes no token",
    ),
    "step of the wrong kind": (
        lambda d: d["Steps"].append("Check"),
        "Steps[3]: is not an object",
    ),
    "arguments of a job of the wrong kind": (
        lambda d: step(d, "Check").update(Arguments=[1]),
        "step Check: Arguments: is not an object",
    ),
    "arguments are null": (
        lambda d: step(d, "IsGood").update(Arguments=None),
        "step IsGood: Arguments: is not an object",
    ),
    "depends on text": (
        lambda d: step(d, "Check").update(DependsOn="Find"),
        "step Check: DependsOn: is not a list of step names",
    ),
    "property files of the wrong kind": (
        lambda d: step(d, "Check").update(PropertyFiles=["Report"]),
        "step Check: PropertyFiles: is not a list of objects",
    ),
    "output parameters of the wrong kind": (
        lambda d: step(d, "Find").update(OutputParameters=["arn"]),
        "step Find: OutputParameters: is not a list of objects",
    ),
    "retry policies of the wrong kind": (
        lambda d: step(d, "Check").update(RetryPolicies={}),
        "step Check: RetryPolicies: is not a list of objects",
    ),
    "cache switch of the wrong kind": (
        lambda d: step(d, "Check").update(CacheConfig={"Enabled": "yes"}),
        "step Check: CacheConfig: is not an object with Enabled true or false",
    ),
    "join without values": (
        lambda d: arguments(d).update(RoleArn={"Std:Join": {"Values": "abc"}}),
        "step Check: Arguments.RoleArn: Std:Join: has no list of Values",
    ),
    "conditions are no list": (
        lambda d: arguments(d, "IsGood").update(Conditions={"Type": "Equals"}),
        "step IsGood: Arguments.Conditions: is not a list",
    ),
    "unknown condition": (
        lambda d: arguments(d, "IsGood").update(Conditions=[{"Type": "Bigger"}]),
        "step IsGood: Arguments.Conditions[0]: Type 'Bigger' is none of Equals, GreaterThan, "
        "GreaterThanOrEqualTo, LessThan, LessThanOrEqualTo, In, Not, Or",
    ),
    "condition in conditions without a side": (
        lambda d: arguments(d, "IsGood").update(
            Conditions=[
                {
                    "Type": "Not",
                    "Condition": {
                        "Type": "Or",
                        "Conditions": [{"Type": "In", "QueryValue": 1}],
                    },
                }
            ]
        ),
        "step IsGood: Arguments.Conditions[0].Condition.Conditions[0]: In: has no Values",
    ),
    "missing member": (
        lambda d: arguments(d).pop("AppSpecification"),
        "step Check: Arguments.AppSpecification: is missing",
    ),
    "unknown member": (
        lambda d: arguments(d).update(AppSpec={}),
        "step Check: Arguments.AppSpec: CreateProcessingJobRequest has no such member",
    ),
    "wrong kind": (
        lambda d: arguments(d)["ProcessingResources"]["ClusterConfig"].update(VolumeSizeInGB="30"),
        "step Check: Arguments.ProcessingResources.ClusterConfig.VolumeSizeInGB: '30' is not of "
        "the type integer",
    ),
    "below the minimum": (
        lambda d: arguments(d)["ProcessingResources"]["ClusterConfig"].update(InstanceCount=0),
        "step Check: Arguments.ProcessingResources.ClusterConfig.InstanceCount: 0 is below the "
        "minimum of 1",
    ),
    "not a list": (
        lambda d: arguments(d).update(ProcessingInputs={}),
        "step Check: Arguments.ProcessingInputs: is not a list",
    ),
    "not an object": (
        lambda d: arguments(d).update(Environment=[]),
        "step Check: Arguments.Environment: is not an object",
    ),
    "too many": (
        lambda d: arguments(d)["AppSpecification"].update(ContainerArguments=["x"] * 101),
        "step Check: Arguments.AppSpecification.ContainerArguments: 101 items is above the "
        "maximum of 100",
    ),
    "unknown instance type": (
        lambda d: arguments(d)["ProcessingResources"]["ClusterConfig"].update(InstanceType="ml.x"),
        "step Check: Arguments.ProcessingResources.ClusterConfig.InstanceType: 'ml.x' is not "
        "known to botocore's ProcessingInstanceType",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_checks__one_fault__is_named_once(definition: dict[str, Any], case: str) -> None:
    spoil, expected = CASES[case]
    spoil(definition)
    assert problems(definition) == [expected]


def test_checks__many_faults__are_all_reported(definition: dict[str, Any]) -> None:
    step(definition, "Find").update(DependsOn=["Gone"])
    arguments(definition).update(RoleArn="${env.role}", AppSpec={})
    assert problems(definition) == [CASES[k][1] for k in ("depends on unknown step",)] + [
        CASES[k][1] for k in ("unknown token", "unknown member")
    ]


@pytest.mark.parametrize(
    "path", ["ProcessingInputs[0].InputName", "Environment['COMMIT']", "ProcessingJobArn"]
)
def test_checks__property_that_exists__is_accepted(definition: dict[str, Any], path: str) -> None:
    arguments(definition, "Bad").update(ErrorMessage={"Get": f"Steps.Check.{path}"})
    assert problems(definition) == []


def test_checks__outcome_of_a_condition__is_accepted(definition: dict[str, Any]) -> None:
    arguments(definition, "Bad").update(ErrorMessage={"Get": "Steps.IsGood.Outcome"})
    assert problems(definition) == []


@pytest.mark.parametrize("steps", [None, [], "x"])
def test_checks__no_steps__is_a_problem(definition: dict[str, Any], steps: Any) -> None:
    definition["Steps"] = steps
    assert problems(definition) == ["Steps: there is none"]


def test_checks__malformed_parameters__are_a_problem(definition: dict[str, Any]) -> None:
    definition["Parameters"] = [{"Type": "String"}]
    definition["Steps"] = [{"Name": "A", "Type": "Fail", "Arguments": {"ErrorMessage": "no"}}]
    assert problems(definition) == ["Parameters: is not a list of objects with a Name"]


@pytest.mark.parametrize("kind", ["QualityCheck", "ClarifyCheck"])
def test_checks__model_monitor_steps__are_accepted(definition: dict[str, Any], kind: str) -> None:
    step(definition, "Check")["Type"] = kind
    assert problems(definition) == []
