"""What the ledger is told of an execution; SageMaker, S3 and the ledger answer what a test says."""

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.response import StreamingBody
from botocore.stub import ANY, Stubber

from promotion.handlers.dataset_versions import MOST_OBJECTS, read_versions
from promotion.handlers.execution_facts import (
    Execution,
    PropertyFile,
    Step,
    definition_digest,
    read_execution,
)
from promotion.handlers.job_facts import Job, inputs_of, metrics_of, read_jobs
from promotion.handlers.ledger_client import LedgerRefused, submit
from promotion.handlers.record_execution import Settings, record_of
from promotion.ledger.record import DatasetVersion, Record
from promotion.plan import ownership

MakeStub = Callable[[str], tuple[Any, Stubber]]
PIPELINE = "arn:aws:sagemaker:eu-west-1:444444444444:pipeline/mammography-inference"
ARN = f"{PIPELINE}/execution/abc"
MODEL = "arn:aws:sagemaker:eu-west-1:222222222222:model-package/mammography/1"
FUNCTION = "arn:aws:lambda:eu-west-1:222222222222:function:acme-ml-registry-ledger"
START = datetime(2026, 1, 2, 6, 0, tzinfo=UTC)
FILES = [{"PropertyFileName": "Report", "OutputName": "report", "FilePath": "check.json"}]
DEFINITION = {
    "Version": "2020-12-01",
    "Steps": [
        {"Name": "Check", "Type": "Processing", "Arguments": {}, "PropertyFiles": FILES},
        {
            "Name": "If",
            "Type": "Condition",
            "Arguments": {
                "IfSteps": [{"Name": "Stop", "Type": "Fail", "Arguments": {}}],
                "ElseSteps": [
                    {"Name": "B", "Type": "Processing", "Arguments": {}, "PropertyFiles": FILES}
                ],
            },
        },
    ],
}
OUTPUTS = [{"Name": "model_package_arn", "Value": MODEL}]


def row(name: str, metadata: dict[str, Any], **more: Any) -> dict[str, Any]:
    ended = {"StartTime": START, "EndTime": START + timedelta(seconds=2)}
    return {"StepName": name, "StepStatus": "Succeeded", "Metadata": metadata, **ended, **more}


ROWS = (
    row("ResolveModel", {"Lambda": {"Arn": "f", "OutputParameters": OUTPUTS}}),
    row("Check", {"ProcessingJob": {"Arn": "arn:x:processing-job/pipelines-abc-Check-1"}}),
    row("Stop", {"Fail": {"ErrorMessage": "data drift"}}, StepStatus="Failed"),
    {"StepName": "Late", "StepStatus": "Starting"},
)


def expect_execution(calls: Stubber, tags: dict[str, str], **described: Any) -> None:
    """Let SageMaker answer the reads of one execution, the steps on two pages."""
    calls.add_response(
        "describe_pipeline_execution",
        {
            "PipelineArn": PIPELINE,
            "PipelineExecutionStatus": "Failed",
            "CreationTime": START,
            "LastModifiedTime": START + timedelta(seconds=90),
            **described,
        },
        {"PipelineExecutionArn": ARN},
    )
    calls.add_response(
        "describe_pipeline_definition_for_execution", {"PipelineDefinition": json.dumps(DEFINITION)}
    )
    steps = "list_pipeline_execution_steps"
    calls.add_response(steps, {"PipelineExecutionSteps": list(ROWS[:1]), "NextToken": "n"})
    calls.add_response(steps, {"PipelineExecutionSteps": list(ROWS[1:])})
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    calls.add_response("list_tags", {"Tags": listed}, {"ResourceArn": PIPELINE})
    calls.add_response(
        "list_pipeline_parameters_for_execution",
        {"PipelineParameters": [{"Name": "BatchDate", "Value": "latest"}]},
    )


def read(stub: MakeStub, tags: dict[str, str], **described: Any) -> Execution:
    sagemaker, calls = stub("sagemaker")
    expect_execution(calls, tags, **described)
    execution = read_execution(ARN, sagemaker)
    calls.assert_no_pending_responses()
    return execution


OURS = ownership.tags_for("mammography", "ab" * 32, "c0ffee", json.dumps(DEFINITION))


def test_read_execution__stopped_by_drift__tells_model_reason_and_release(stub: MakeStub) -> None:
    execution = read(stub, OURS, CreatedBy={"IamIdentity": {"Arn": "arn:aws:iam::4:role/events"}})
    assert (execution.status, execution.reason, execution.model_package_arn) == (
        "Failed",
        "data drift",
        MODEL,
    )
    assert execution.started_by == "arn:aws:iam::4:role/events"
    assert execution.release == {"release_digest": "ab" * 32, "git_commit": "c0ffee"}
    assert execution.parameters == {"BatchDate": "latest"}
    assert [(step.name, step.seconds) for step in execution.steps] == [
        ("ResolveModel", 2.0),
        ("Check", 2.0),
        ("Stop", 2.0),
        ("Late", None),
    ]
    assert execution.property_files == (
        PropertyFile("Check", "Report", "report", "check.json"),
        PropertyFile("B", "Report", "report", "check.json"),
    )


@pytest.mark.parametrize(
    ("tags", "release"),
    [
        ({}, {}),
        ({**OURS, ownership.DEFINITION: "cd" * 32}, {}),
        ({**OURS, ownership.GIT_COMMIT: "a b"}, {"release_digest": "ab" * 32}),
    ],
)
def test_read_execution__tags_of_another_definition__name_no_release(
    stub: MakeStub, tags: dict[str, str], release: dict[str, str]
) -> None:
    execution = read(stub, tags, FailureReason="Step failure")
    assert (execution.release, execution.started_by, execution.reason) == (
        release,
        "",
        "Step failure",
    )


def test_definition_digest__any_definition__is_the_one_in_the_tag() -> None:
    assert definition_digest(DEFINITION) == ownership.definition_digest(json.dumps(DEFINITION))
    umlauts = {"Steps": [{"Name": "Über"}]}
    text = json.dumps(umlauts, ensure_ascii=False, indent=1)
    assert definition_digest(umlauts) == ownership.definition_digest(text)


def test_inputs_of__what_a_job_wrote__is_no_dataset() -> None:
    jobs = (
        Job("A", ("s3://d/u/in/", "s3://d/code/a.py"), {"out": "s3://d/u/run/out"}),
        Job("B", ("s3://d/u/run/out", "s3://d/u/run/out/x.csv", "s3://d/u/run/output/"), {}),
    )
    assert inputs_of(jobs) == ("s3://d/code/a.py", "s3://d/u/in/", "s3://d/u/run/output/")


def test_read_jobs__three_kinds__inputs_and_outputs(stub: MakeStub) -> None:
    sagemaker, calls = stub("sagemaker")
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://d/t/"}}
    common = {"CreationTime": START, "AlgorithmSpecification": {"TrainingInputMode": "File"}}
    calls.add_response(
        "describe_training_job",
        {
            "TrainingJobName": "t",
            "TrainingJobArn": "arn:aws:sagemaker:eu-west-1:444444444444:training-job/t",
            "ModelArtifacts": {"S3ModelArtifacts": "s3://d/m/model.tar.gz"},
            "TrainingJobStatus": "Completed",
            "SecondaryStatus": "Completed",
            "ResourceConfig": {"VolumeSizeInGB": 1},
            "StoppingCondition": {},
            "InputDataConfig": [{"ChannelName": "train", "DataSource": source}],
            "OutputDataConfig": {"S3OutputPath": "s3://d/m"},
            **common,
        },
        {"TrainingJobName": "t"},
    )
    transform = {
        "TransformJobName": "x",
        "TransformJobArn": "arn:aws:sagemaker:eu-west-1:444444444444:transform-job/x",
        "TransformJobStatus": "Completed",
        "ModelName": "m",
        "CreationTime": START,
        "TransformInput": {"DataSource": source},
        "TransformOutput": {"S3OutputPath": "s3://d/scores"},
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
    }
    calls.add_response("describe_transform_job", transform, {"TransformJobName": "x"})
    rows = {"Train": ("TrainingJob", "t"), "Transform": ("TransformJob", "x")}
    steps = [
        Step(name, "Succeeded", 2.0, "", kind, {"Arn": f"arn:x/{job}"})
        for name, (kind, job) in rows.items()
    ]
    execution = execution_of(*steps)
    assert read_jobs(execution, sagemaker) == (
        Job("Train", ("s3://d/t/",), {"model": "s3://d/m"}),
        Job("Transform", ("s3://d/t/",), {"transform": "s3://d/scores"}),
    )


def execution_of(*steps: Step) -> Execution:
    return Execution(
        arn=ARN,
        pipeline_name="mammography-inference",
        status="Succeeded",
        started_at=START,
        ended_at=START + timedelta(seconds=90),
        started_by="",
        reason="x" * 400,
        release={},
        definition_digest="cd" * 32,
        parameters={"Long": "y" * 400},
        steps=steps,
        property_files=(),
    )


def body(content: bytes, length: int | None = None) -> dict[str, Any]:
    return {
        "Body": StreamingBody(io.BytesIO(content), len(content)),
        "ContentLength": len(content) if length is None else length,
    }


@pytest.mark.parametrize(
    ("answer", "metrics"),
    [
        (
            body(b'{"auc": {"value": 0.9, "low": NaN}, "curve": [1], "ok": true, "s": "drift"}'),
            [("Report", {"auc.value": 0.9, "ok": True, "s": "drift"})],
        ),
        (body(b"no json"), []),
        (body(b"{}", 2_000_000), []),
        (body(json.dumps({f"{n:03}": n for n in range(99)}).encode()),
         [("Report", {f"{n:03}": n for n in range(60)})]),
    ],
)  # fmt: skip
def test_metrics_of__property_file__its_numbers(
    stub: MakeStub, answer: dict[str, Any], metrics: list[Any]
) -> None:
    s3, calls = stub("s3")
    where = {"Bucket": "d", "Key": "u/report/check.json"}
    calls.add_response("get_object", answer, where)
    jobs = (Job("Check", (), {"report": "s3://d/u/report/"}),)
    files = (
        PropertyFile("Check", "Report", "report", "check.json"),
        PropertyFile("Never", "Report", "report", "check.json"),
    )
    assert list(metrics_of(jobs, files, s3)) == metrics


@pytest.mark.parametrize("code", ["NoSuchKey", "AccessDenied"])
def test_metrics_of__file_missing_or_foreign__is_left_out(stub: MakeStub, code: str) -> None:
    s3, calls = stub("s3")
    calls.add_client_error("get_object", code)
    jobs = (Job("Check", (), {"report": "s3://d/u/report"}),)
    files = (PropertyFile("Check", "Report", "report", "check.json"),)
    assert list(metrics_of(jobs, files, s3)) == []


def head(calls: Stubber, key: str) -> None:
    calls.add_response(
        "head_object",
        {"VersionId": "v", "ETag": '"e"', "ContentLength": 3},
        {"Bucket": "d", "Key": key, "ChecksumMode": "ENABLED"},
    )


def test_read_versions__object_prefix_gone_denied_and_many__each_told(stub: MakeStub) -> None:
    s3, calls = stub("s3")
    calls.add_response(
        "list_objects_v2",
        {"Contents": [{"Key": "u/a.csv"}]},
        {"Bucket": "d", "Prefix": "u/a.csv", "MaxKeys": MOST_OBJECTS + 1},
    )
    head(calls, "u/a.csv")
    calls.add_response("list_objects_v2", {})
    calls.add_client_error("list_objects_v2", "AccessDenied")
    many = [f"u/many/{number:03}" for number in range(MOST_OBJECTS + 1)]
    calls.add_response("list_objects_v2", {"Contents": [{"Key": key} for key in many]})
    for key in many:
        head(calls, key)
    found = read_versions(["s3://d/u/a.csv", "s3://d/u/gone/", "s3://d/x/", "s3://d/u/many/"], s3)
    assert found.versions[0] == DatasetVersion("s3://d/u/a.csv", "v", "e", "", 3)
    assert len(found.versions) == 1 + MOST_OBJECTS
    assert found.unread == (
        "s3://d/u/gone/: nothing is there any more",
        "s3://d/x/: AccessDenied",
        "s3://d/u/many/: has more than 100 objects",
    )


def test_record_of__long_texts__are_cut(stub: MakeStub) -> None:
    settings = Settings("prod", "4" * 12, "d", {"mammography-inference": "mammography"}, FUNCTION)
    record = record_of(execution_of(), settings, stub("sagemaker")[0], stub("s3")[0])
    assert (record.reason, record.details["parameters"]) == ("x" * 300, {"Long": "y" * 300})
    assert (record.at, record.details["seconds"]) == ("2026-01-02T06:01:30.000000Z", 90.0)


RECORD = Record("execution", "2026-01-02T06:01:30.000000Z", "", "4" * 12, "prod")


def answer_of(**more: Any) -> dict[str, Any]:
    content = json.dumps(more.pop("payload")).encode()
    return {"Payload": StreamingBody(io.BytesIO(content), len(content)), "StatusCode": 200, **more}


def test_submit__record__is_handed_in_and_the_answer_returned(stub: MakeStub) -> None:
    client, calls = stub("lambda")
    written = {"sequence": 1, "digest": "ab", "repeated": False}
    payload = json.dumps({"token": "t", "record": RECORD.document()}).encode()
    calls.add_response(
        "invoke", answer_of(payload=written), {"FunctionName": FUNCTION, "Payload": payload}
    )
    assert submit(RECORD, "t", FUNCTION, client) == written


def test_submit__ledger_refuses__names_why(stub: MakeStub) -> None:
    client, calls = stub("lambda")
    error = {"errorType": "LedgerBusy", "errorMessage": "try again"}
    calls.add_response(
        "invoke",
        answer_of(payload=error, FunctionError="Unhandled"),
        {"FunctionName": FUNCTION, "Payload": ANY},
    )
    with pytest.raises(LedgerRefused, match="did not record t: LedgerBusy: try again"):
        submit(RECORD, "t", FUNCTION, client)
