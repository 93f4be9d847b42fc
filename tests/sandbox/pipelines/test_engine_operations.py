"""The API of pipelines, versions and executions: answers, errors, idempotence, pages."""

from __future__ import annotations

import json

import pytest

from sandbox.model import Principal, ServiceError


def _definition(make, message="x", parameters=None):
    return json.dumps(
        {
            "Version": "2020-12-01",
            "Parameters": parameters or [],
            "Steps": [make.fail("F", message)],
        }
    )


def _create(engine, make, name="p", **more):
    request = {
        "PipelineName": name,
        "PipelineDefinition": _definition(make),
        "ClientRequestToken": engine.token(),
        "RoleArn": make.ROLE,
        **more,
    }
    return engine.call("CreatePipeline", **request)


def _error(engine, operation, /, **request):
    with pytest.raises(ServiceError) as caught:
        engine.call(operation, **request)
    return caught.value.code, caught.value.message


def test_describe__created_pipeline__whole_answer(engine, make):
    arn = _create(engine, make, PipelineDescription="d", Tags=[{"Key": "a", "Value": "b"}])
    found = engine.call("DescribePipeline", PipelineName="p")
    created = found.pop("CreationTime")
    assert found == {
        "PipelineArn": arn["PipelineArn"],
        "PipelineName": "p",
        "PipelineDisplayName": "p",
        "PipelineDefinition": _definition(make),
        "PipelineDescription": "d",
        "RoleArn": make.ROLE,
        "PipelineStatus": "Active",
        "LastModifiedTime": created,
        "CreatedBy": {
            "IamIdentity": {
                "Arn": "arn:aws:iam::333333333333:user/admin",
                "PrincipalId": "admin",
            }
        },
        "LastModifiedBy": {
            "IamIdentity": {
                "Arn": "arn:aws:iam::333333333333:user/admin",
                "PrincipalId": "admin",
            }
        },
    }
    assert arn["PipelineArn"] == "arn:aws:sagemaker:eu-west-1:333333333333:pipeline/p"
    assert engine.call("DescribePipeline", PipelineName=arn["PipelineArn"])["PipelineName"] == "p"


def test_create__name_taken__says_already_exists(engine, make):
    _create(engine, make)
    with pytest.raises(ServiceError) as caught:
        _create(engine, make)
    assert caught.value.code == "ValidationException"
    assert caught.value.message == (
        "Pipeline names must be unique within an AWS account and region. Pipeline with name (p) "
        "already exists."
    )


def test_create__same_token__same_answer(engine, make):
    token = engine.token()
    first = _create(engine, make, ClientRequestToken=token)
    assert _create(engine, make, ClientRequestToken=token) == first


def test_create__bad_members__aws_wording(engine, make):
    code, message = _error(engine, "CreatePipeline", PipelineName="-", Colour="red")
    assert code == "ValidationException"
    assert message == (
        "4 validation errors detected: "
        "Value null at 'ClientRequestToken' failed to satisfy constraint: Member must not be "
        "null; "
        "Value null at 'RoleArn' failed to satisfy constraint: Member must not be null; "
        "Value '-' at 'PipelineName' failed to satisfy constraint: Member must satisfy regular "
        "expression pattern: [a-zA-Z0-9](-*[a-zA-Z0-9]){0,255}; "
        "Unknown member 'Colour'"
    )


def test_other_account__pipeline_and_execution__not_found(engine, make):
    arn = _create(engine, make)["PipelineArn"]
    execution = engine.start("p")
    engine.wait(execution)
    stranger = Principal("444444444444", "arn:aws:iam::444444444444:user/admin")
    for operation, request in (
        ("DescribePipeline", {"PipelineName": arn}),
        ("DescribePipelineExecution", {"PipelineExecutionArn": execution}),
        ("StartPipelineExecution", {"PipelineName": arn, "ClientRequestToken": engine.token()}),
    ):
        with pytest.raises(ServiceError) as caught:
            engine.service.handle(operation, request, stranger)
        assert caught.value.code == "ResourceNotFound"
    assert engine.service.handle("ListPipelines", {}, stranger) == {"PipelineSummaries": []}


@pytest.mark.parametrize(
    "operation", ["DescribePipeline", "UpdatePipeline", "ListPipelineExecutions"]
)
def test_missing_pipeline__each_operation__not_found(engine, operation):
    assert _error(engine, operation, PipelineName="nope") == (
        "ResourceNotFound",
        "Pipeline 'arn:aws:sagemaker:eu-west-1:333333333333:pipeline/nope' does not exist.",
    )


def test_update__definition__is_a_new_version(engine, make):
    arn = _create(engine, make)["PipelineArn"]
    answer = engine.call(
        "UpdatePipeline",
        PipelineName="p",
        PipelineDefinition=_definition(make, "y"),
        PipelineVersionAliases=["live"],
    )
    assert answer == {"PipelineArn": arn, "PipelineVersionId": 2}
    assert engine.call("DescribePipeline", PipelineName="p")["PipelineDefinition"] == _definition(
        make, "y"
    )
    old = engine.call("DescribePipeline", PipelineName="p", PipelineVersionId=1)
    assert old["PipelineDefinition"] == _definition(make)
    live = engine.call("DescribePipeline", PipelineName="p", PipelineVersionAlias="live")
    assert live["PipelineVersionAliases"] == ["live"]
    rows = engine.call("ListPipelineVersions", PipelineName="p")["PipelineVersionSummaries"]
    assert [row["PipelineVersionId"] for row in rows] == [2, 1]
    code, _ = _error(engine, "DescribePipeline", PipelineName="p", PipelineVersionId=3)
    assert code == "ResourceNotFound"


def test_update__without_definition__keeps_the_version(engine, make):
    _create(engine, make)
    answer = engine.call("UpdatePipeline", PipelineName="p", PipelineDescription="new")
    assert answer["PipelineVersionId"] == 1
    assert engine.call("DescribePipeline", PipelineName="p")["PipelineDescription"] == "new"


def test_update_version__aliases_move(engine, make):
    arn = _create(engine, make, PipelineVersionAliases=["live"])["PipelineArn"]
    engine.call("UpdatePipeline", PipelineName="p", PipelineDefinition=_definition(make, "y"))
    engine.call(
        "UpdatePipelineVersion",
        PipelineArn=arn,
        PipelineVersionId=2,
        PipelineVersionDisplayName="second",
        PipelineVersionAliasOperations={"Add": ["live"]},
    )
    rows = engine.call("ListPipelineVersions", PipelineName="p", SortOrder="Ascending")
    assert [row.get("PipelineVersionAliases") for row in rows["PipelineVersionSummaries"]] == [
        None,
        ["live"],
    ]
    assert rows["PipelineVersionSummaries"][1]["PipelineVersionDisplayName"] == "second"


def test_create__definition_in_s3__read_with_the_pipelines_role(engine, make):
    engine.world.s3.put("s3://data/d.json", _definition(make))
    place = {"Bucket": "data", "ObjectKey": "d.json"}
    request = {"PipelineName": "p", "ClientRequestToken": engine.token(), "RoleArn": make.ROLE}
    engine.call("CreatePipeline", **request, PipelineDefinitionS3Location=place)
    assert engine.call("DescribePipeline", PipelineName="p")["PipelineDefinition"] == _definition(
        make
    )
    assert engine.world.sessions == [("s3", make.ROLE)]
    missing = {"Bucket": "data", "ObjectKey": "no.json"}
    code, message = _error(
        engine, "UpdatePipeline", PipelineName="p", PipelineDefinitionS3Location=missing
    )
    assert code == "ValidationException"
    assert message == (
        "Unable to read the pipeline definition s3://data/no.json: The specified key does not "
        "exist."
    )


def test_delete__pipeline__is_gone_and_executions_stay(engine, make):
    _create(engine, make)
    execution = engine.start("p")
    engine.wait(execution)
    engine.call("DeletePipeline", PipelineName="p", ClientRequestToken=engine.token())
    assert _error(engine, "DescribePipeline", PipelineName="p")[0] == "ResourceNotFound"
    described = engine.call("DescribePipelineExecution", PipelineExecutionArn=execution)
    assert described["PipelineExecutionStatus"] == "Failed"


def test_delete__running_execution__conflict(engine, make):
    code = engine.script("sleep", "import time; time.sleep(60)")
    name = engine.create([make.processing("S", code)])
    execution = engine.start(name)
    error = _error(engine, "DeletePipeline", PipelineName=name, ClientRequestToken=engine.token())
    assert error == (
        "ConflictException",
        f"Pipeline {execution.partition('/execution/')[0]} has executions that have not ended: "
        f"{execution}",
    )
    engine.call(
        "StopPipelineExecution", PipelineExecutionArn=execution, ClientRequestToken=engine.token()
    )
    engine.wait(execution)


def test_list_pipelines__pages_prefix_and_order(engine, make):
    for name in ("b1", "a1", "b2", "b3"):
        _create(engine, make, name)
    first = engine.call(
        "ListPipelines", PipelineNamePrefix="b", SortBy="Name", SortOrder="Ascending", MaxResults=2
    )
    assert [row["PipelineName"] for row in first["PipelineSummaries"]] == ["b1", "b2"]
    second = engine.call(
        "ListPipelines",
        PipelineNamePrefix="b",
        SortBy="Name",
        SortOrder="Ascending",
        MaxResults=2,
        NextToken=first["NextToken"],
    )
    assert [row["PipelineName"] for row in second["PipelineSummaries"]] == ["b3"]
    assert "NextToken" not in second
    newest = engine.call("ListPipelines", MaxResults=1)["PipelineSummaries"]
    assert [row["PipelineName"] for row in newest] == ["b3"]
    code, message = _error(engine, "ListPipelines", NextToken="nonsense")
    assert code == "ValidationException"
    assert message == "Invalid NextToken 'nonsense': use the token of the previous page"


PARAMETERS = [
    {"Name": "Text", "Type": "String", "DefaultValue": "d", "EnumValues": ["d", "e"]},
    {"Name": "Count", "Type": "Integer", "DefaultValue": 1},
    {"Name": "Rate", "Type": "Float", "DefaultValue": 0.5},
    {"Name": "Flag", "Type": "Boolean", "DefaultValue": False},
    {"Name": "Needed", "Type": "String"},
]


def test_start__parameters__typed_defaulted_and_listed(engine, make):
    name = engine.create([make.fail("F", "x")], PARAMETERS)
    arn = engine.start(name, {"Needed": "n", "Count": "7", "Flag": "true", "Rate": "1e-3"})
    rows = engine.call("ListPipelineParametersForExecution", PipelineExecutionArn=arn)
    assert rows == {
        "PipelineParameters": [
            {"Name": "Text", "Value": "d"},
            {"Name": "Count", "Value": "7"},
            {"Name": "Rate", "Value": "0.001"},
            {"Name": "Flag", "Value": "true"},
            {"Name": "Needed", "Value": "n"},
        ]
    }
    engine.wait(arn)


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({}, "parameter 'Needed' has no default and must be given"),
        (
            {"Needed": "n", "Nope": "1"},
            "unknown parameter 'Nope' (the pipeline has: Text, Count, Rate, Flag, Needed)",
        ),
        (
            {"Needed": "n", "Count": "1.5"},
            "parameter 'Count' must be of type Integer, not '1.5'",
        ),
        ({"Needed": "n", "Rate": "x"}, "parameter 'Rate' must be of type Float, not 'x'"),
        ({"Needed": "n", "Flag": "yes"}, "parameter 'Flag' must be of type Boolean, not 'yes'"),
        ({"Needed": "n", "Text": "f"}, "parameter 'Text' must be one of ['d', 'e'], not 'f'"),
    ],
)
def test_start__bad_parameter__refused_and_nothing_starts(engine, make, values, problem):
    name = engine.create([make.fail("F", "x")], PARAMETERS)
    with pytest.raises(ServiceError) as caught:
        engine.start(name, values)
    assert caught.value.code == "ValidationException"
    assert caught.value.message == f"Invalid pipeline parameters: {problem}"
    listed = engine.call("ListPipelineExecutions", PipelineName=name)
    assert listed == {"PipelineExecutionSummaries": []}
    assert engine.world.events == []


def test_start__same_token__one_execution(engine, make):
    name = engine.create([make.fail("F", "x")])
    token = "a" * 32
    first = engine.start(name, ClientRequestToken=token)
    assert engine.start(name, ClientRequestToken=token) == first
    engine.wait(first)
    assert engine.start(name, ClientRequestToken=token) == first
    listed = engine.call("ListPipelineExecutions", PipelineName=name)
    assert [row["PipelineExecutionArn"] for row in listed["PipelineExecutionSummaries"]] == [first]


def test_start__same_token_other_request__conflict(engine, make):
    name = engine.create([make.fail("F", "x")], PARAMETERS)
    token = "a" * 32
    first = engine.start(name, {"Needed": "1"}, ClientRequestToken=token)
    with pytest.raises(ServiceError) as caught:
        engine.start(name, {"Needed": "2"}, ClientRequestToken=token)
    assert caught.value.code == "ConflictException"
    engine.wait(first)


def test_start__same_token_from_many_threads__one_execution(engine, make):
    from concurrent.futures import ThreadPoolExecutor

    name = engine.create([make.fail("F", "x")])
    token = "a" * 32
    with ThreadPoolExecutor(8) as pool:
        arns = list(pool.map(lambda _: engine.start(name, ClientRequestToken=token), range(16)))
    assert len(set(arns)) == 1
    engine.wait(arns[0])
    executions = [
        e for _, e in engine.world.events if "currentPipelineExecutionStatus" in e["detail"]
    ]
    assert len(executions) == 2


def test_start__version__runs_that_one(engine, make):
    _create(engine, make)
    engine.call("UpdatePipeline", PipelineName="p", PipelineDefinition=_definition(make, "y"))
    old = engine.start("p", PipelineVersionId=1)
    assert engine.wait(old)["PipelineVersionId"] == 1
    assert engine.steps(old)["F"]["FailureReason"] == "x"
    found = engine.call("DescribePipelineDefinitionForExecution", PipelineExecutionArn=old)
    assert found["PipelineDefinition"] == _definition(make)
    new = engine.start("p")
    assert engine.wait(new)["PipelineVersionId"] == 2


def test_start__selective__refused_clearly(engine, make):
    _create(engine, make)
    with pytest.raises(ServiceError) as caught:
        engine.start("p", SelectiveExecutionConfig={"SelectedSteps": [{"StepName": "F"}]})
    assert caught.value.message == (
        "The sandbox does not run selective executions; start the whole pipeline"
    )


def test_list_executions__order_pages_and_filter(engine, make):
    from datetime import timedelta

    _create(engine, make)
    arns = []
    for _ in range(3):
        arns.append(engine.start("p"))
        engine.wait(arns[-1])
        engine.world.skew += timedelta(hours=1)
    first = engine.call("ListPipelineExecutions", PipelineName="p", MaxResults=2)
    rows = first["PipelineExecutionSummaries"]
    assert [row["PipelineExecutionArn"] for row in rows] == [arns[2], arns[1]]
    assert rows[0]["PipelineExecutionStatus"] == "Failed"
    assert rows[0]["PipelineExecutionFailureReason"] == (
        "Step failure: One or multiple steps failed."
    )
    rest = engine.call("ListPipelineExecutions", PipelineName="p", NextToken=first["NextToken"])
    assert [row["PipelineExecutionArn"] for row in rest["PipelineExecutionSummaries"]] == [arns[0]]
    middle = rows[1]["StartTime"]
    later = engine.call("ListPipelineExecutions", PipelineName="p", CreatedAfter=middle)
    assert [r["PipelineExecutionArn"] for r in later["PipelineExecutionSummaries"]] == [arns[2]]
    before = engine.call("ListPipelineExecutions", PipelineName="p", CreatedBefore=middle)
    assert [r["PipelineExecutionArn"] for r in before["PipelineExecutionSummaries"]] == [arns[0]]
    ascending = engine.call("ListPipelineExecutions", PipelineName="p", SortOrder="Ascending")
    assert [r["PipelineExecutionArn"] for r in ascending["PipelineExecutionSummaries"]] == arns


def test_update_execution__name_and_description(engine, make):
    _create(engine, make)
    arn = engine.start("p", PipelineExecutionDisplayName="one")
    engine.wait(arn)
    engine.call(
        "UpdatePipelineExecution",
        PipelineExecutionArn=arn,
        PipelineExecutionDisplayName="two",
        PipelineExecutionDescription="why",
    )
    found = engine.call("DescribePipelineExecution", PipelineExecutionArn=arn)
    assert found["PipelineExecutionDisplayName"] == "two"
    assert found["PipelineExecutionDescription"] == "why"


def test_list_steps__newest_first_and_paged(engine, make):
    engine.world.functions[make.function_arn("f")] = lambda payload: {}
    steps = [make.lambda_step("A", "f"), make.lambda_step("B", "f", DependsOn=["A"])]
    description, _ = engine.run(steps)
    arn = description["PipelineExecutionArn"]
    first = engine.call("ListPipelineExecutionSteps", PipelineExecutionArn=arn, MaxResults=1)
    assert [row["StepName"] for row in first["PipelineExecutionSteps"]] == ["B"]
    second = engine.call(
        "ListPipelineExecutionSteps",
        PipelineExecutionArn=arn,
        MaxResults=1,
        NextToken=first["NextToken"],
    )
    assert [row["StepName"] for row in second["PipelineExecutionSteps"]] == ["A"]


def test_handle__operation_of_others__refused(engine):
    with pytest.raises(ServiceError) as caught:
        engine.call("CreateEndpoint")
    assert caught.value.code == "UnknownOperationException"


def test_events__whole_story_in_aws_shapes(engine, make):
    engine.world.functions[make.function_arn("f")] = lambda payload: {"x": 1}
    steps = [
        make.lambda_step("L", "f", outputs={"x": "Integer"}),
        make.fail("F", "sorry", DependsOn=["L"]),
    ]
    description, _ = engine.run(steps)
    arn, pipeline = description["PipelineExecutionArn"], description["PipelineArn"]
    assert {account for account, _ in engine.world.events} == {make.ACCOUNT}
    events = [event for _, event in engine.world.events]
    assert all(event["source"] == "aws.sagemaker" for event in events)
    assert all(event["resources"] == [pipeline, arn] for event in events)
    story = [
        (
            event["detail"].get("stepName", "execution"),
            event["detail"].get("previousStepStatus")
            or event["detail"].get("previousPipelineExecutionStatus"),
            event["detail"].get("currentStepStatus")
            or event["detail"].get("currentPipelineExecutionStatus"),
        )
        for event in events
    ]
    assert story == [
        ("execution", None, "Executing"),
        ("L", None, "Starting"),
        ("L", "Starting", "Executing"),
        ("L", "Executing", "Succeeded"),
        ("F", None, "Starting"),
        ("F", "Starting", "Executing"),
        ("F", "Executing", "Failed"),
        ("execution", "Executing", "Failed"),
    ]
    last_step, last = events[-2], events[-1]
    times = [last_step["detail"].pop(key) for key in ("stepStartTime", "stepEndTime")]
    assert all(len(text) == 20 and text.endswith("Z") for text in times)
    assert last_step["detail-type"] == (
        "SageMaker Model Building Pipeline Execution Step Status Change"
    )
    assert last_step["detail"] == {
        "metadata": {"fail": {"errorMessage": "sorry"}},
        "stepName": "F",
        "stepType": "Fail",
        "currentStepStatus": "Failed",
        "previousStepStatus": "Executing",
        "failureReason": "sorry",
        "pipelineArn": pipeline,
        "pipelineExecutionArn": arn,
    }
    assert last["detail-type"] == "SageMaker Model Building Pipeline Execution Status Change"
    for key in ("executionStartTime", "executionEndTime", "pipelineExecutionDisplayName"):
        assert last["detail"].pop(key)
    assert last["detail"] == {
        "currentPipelineExecutionStatus": "Failed",
        "previousPipelineExecutionStatus": "Executing",
        "pipelineExecutionDescription": "",
        "failureReason": "Step failure: One or multiple steps failed.",
        "pipelineArn": pipeline,
        "pipelineExecutionArn": arn,
    }


def test_events__that_cannot_be_sent__stop_nothing(engine, make, monkeypatch, caplog):
    def broken(account_id, event):
        raise OSError("no bus")

    monkeypatch.setattr(engine.world, "events", type("Broken", (), {"append": broken})())
    description, _ = engine.run([make.fail("F", "x")])
    assert description["PipelineExecutionStatus"] == "Failed"
    assert "SageMaker Model Building Pipeline Execution Status Change" in caplog.text
