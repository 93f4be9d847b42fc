"""The engine behind the real server: signed calls, assumed roles, two accounts, real S3."""

from __future__ import annotations

import io
import json
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from sandbox.accounts import load_accounts
from sandbox.server import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[3]
DEV, REGISTRY = "333333333333", "222222222222"
ROLE = f"arn:aws:iam::{DEV}:role/execution"
GROUP = f"arn:aws:sagemaker:eu-west-1:{REGISTRY}:model-package-group/g"
HANDLER = """
def handler(event, context):
    if event.get("fail"):
        raise LookupError("no such batch")
    return {"uri": "s3://e2e-data/" + event["prefix"], "count": 2}
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    accounts = load_accounts(ROOT / "tests" / "environments")
    with Sandbox(accounts, workspace=tmp_path_factory.mktemp("sandbox")) as sandbox:
        _furnish(sandbox)
        yield sandbox


def _furnish(sandbox: Sandbox) -> None:
    iam = sandbox.client("iam", "dev-admin")
    allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    for name, service in (
        ("execution", "sagemaker"),
        ("function", "lambda"),
        ("untrusting", "glue"),
    ):
        principal = {"Service": f"{service}.amazonaws.com"}
        trust = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=_policy(trust))
        iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=_policy(allow))
    sandbox.client("s3", "dev-admin").create_bucket(
        Bucket="e2e-data", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    sandbox.client("sagemaker", "registry-admin").create_model_package_group(
        ModelPackageGroupName="g"
    )
    registered = GROUP.replace(":model-package-group/", ":model-package/") + "/*"
    sandbox.client("sagemaker", "registry-admin").put_model_package_group_policy(
        ModelPackageGroupName="g",
        ResourcePolicy=_policy(
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{DEV}:root"},
                "Action": [
                    "sagemaker:CreateModelPackage",
                    "sagemaker:CreateModel",
                    "sagemaker:DescribeModelPackage",
                ],
                "Resource": [GROUP, registered],
            }
        ),
    )
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as target:
        target.writestr("code.py", HANDLER)
    sandbox.client("lambda", "dev-admin").create_function(
        FunctionName="resolve",
        Runtime="python3.11",
        Role=f"arn:aws:iam::{DEV}:role/function",
        Handler="code.handler",
        Code={"ZipFile": archive.getvalue()},
        Timeout=30,
    )


def _policy(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _put(sandbox: Sandbox, key: str, text: str) -> str:
    sandbox.client("s3", "dev-admin").put_object(Bucket="e2e-data", Key=key, Body=text.encode())
    return f"s3://e2e-data/{key}"


def _run(sandbox: Sandbox, name: str, steps: list[dict[str, Any]], role: str = ROLE) -> Any:
    client = sandbox.client("sagemaker", "dev-admin")
    definition = json.dumps({"Version": "2020-12-01", "Parameters": [], "Steps": steps})
    token = name.ljust(32, "x")
    client.create_pipeline(
        PipelineName=name, PipelineDefinition=definition, RoleArn=role, ClientRequestToken=token
    )
    started = client.start_pipeline_execution(PipelineName=name, ClientRequestToken=token)
    arn = {"PipelineExecutionArn": started["PipelineExecutionArn"]}
    sandbox.settle(60)
    description = client.describe_pipeline_execution(**arn)
    rows = client.list_pipeline_execution_steps(**arn, SortOrder="Ascending")
    return description, {row["StepName"]: row for row in rows["PipelineExecutionSteps"]}


def _function(name: str) -> str:
    return f"arn:aws:lambda:eu-west-1:{DEV}:function:{name}"


def test_loop__lambda_train_register_serve__through_the_server(running, make):
    rows = [(i % 2, i / 10, (i * 7) % 5) for i in range(40)]
    _put(running, "train/x.csv", "".join(f"{a},{b},{c}\n" for a, b, c in rows))
    _put(running, "batch/b.csv", "".join(f"{i},{b},{c}\n" for i, (_, b, c) in enumerate(rows)))
    resolve = make.lambda_step(
        "Resolve", "resolve", {"prefix": "train/"}, {"uri": "String", "count": "Integer"}
    )
    resolve["FunctionArn"] = _function("resolve")
    source = {
        "S3DataType": "S3Prefix",
        "S3Uri": {"Get": "Steps.Resolve.OutputParameters['uri']"},
        "S3DataDistributionType": "FullyReplicated",
    }
    train = {
        "Name": "Train",
        "Type": "Training",
        "Arguments": {
            "AlgorithmSpecification": {"TrainingImage": make.IMAGE, "TrainingInputMode": "File"},
            "RoleArn": ROLE,
            "HyperParameters": {"num_round": "3", "objective": "binary:logistic"},
            "InputDataConfig": [
                {
                    "ChannelName": "train",
                    "ContentType": "text/csv",
                    "DataSource": {"S3DataSource": source},
                }
            ],
            "OutputDataConfig": {"S3OutputPath": "s3://e2e-data/models"},
            "ResourceConfig": {
                "InstanceType": "ml.m5.large",
                "InstanceCount": 1,
                "VolumeSizeInGB": 10,
            },
            "StoppingCondition": {"MaxRuntimeInSeconds": 60},
        },
    }
    register = {
        "Name": "Register",
        "Type": "RegisterModel",
        "Arguments": {
            "ModelPackageGroupName": GROUP,
            "ModelApprovalStatus": "Approved",
            "InferenceSpecification": {
                "Containers": [
                    {
                        "Image": make.IMAGE,
                        "ModelDataUrl": {"Get": "Steps.Train.ModelArtifacts.S3ModelArtifacts"},
                    }
                ],
                "SupportedContentTypes": ["text/csv"],
                "SupportedResponseMIMETypes": ["text/csv"],
            },
        },
    }
    model = {
        "Name": "Model",
        "Type": "Model",
        "Arguments": {
            "ExecutionRoleArn": ROLE,
            "PrimaryContainer": {"ModelPackageName": {"Get": "Steps.Register.ModelPackageArn"}},
        },
    }
    place = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://e2e-data/batch/"}}
    transform = {
        "Name": "Transform",
        "Type": "Transform",
        "Arguments": {
            "ModelName": {"Get": "Steps.Model.ModelName"},
            "TransformInput": {"DataSource": place, "ContentType": "text/csv", "SplitType": "Line"},
            "TransformOutput": {"S3OutputPath": "s3://e2e-data/scores", "AssembleWith": "Line"},
            "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
            "DataProcessing": {
                "InputFilter": "$[1:]",
                "JoinSource": "Input",
                "OutputFilter": "$[0,-1]",
            },
        },
    }
    description, steps = _run(running, "loop", [resolve, train, register, model, transform])
    reasons = {name: row.get("FailureReason") for name, row in steps.items()}
    assert description["PipelineExecutionStatus"] == "Succeeded", reasons
    assert list(steps) == ["Resolve", "Train", "Register", "Model", "Transform"]
    package = steps["Register"]["Metadata"]["RegisterModel"]["Arn"]
    assert package == f"arn:aws:sagemaker:eu-west-1:{REGISTRY}:model-package/g/1"
    listed = running.client("sagemaker", "registry-admin").list_model_packages(
        ModelPackageGroupName="g"
    )["ModelPackageSummaryList"]
    assert [row["ModelApprovalStatus"] for row in listed] == ["Approved"]
    s3 = running.client("s3", "dev-admin")
    body = s3.get_object(Bucket="e2e-data", Key="scores/b.csv.out")["Body"].read().decode()
    scores = [line.split(",") for line in body.splitlines()]
    assert [row[0] for row in scores] == [str(i) for i in range(40)]
    assert all(0 < float(row[1]) < 1 for row in scores)
    name = steps["Train"]["Metadata"]["TrainingJob"]["Arn"].rpartition("/")[2]
    client = running.client("sagemaker", "dev-admin")
    job = client.describe_training_job(TrainingJobName=name)
    assert job["TrainingJobStatus"] == "Completed"
    assert job["TrainingEndTime"].tzinfo is not None


def test_script__credentials__are_the_roles(running, make):
    script = (
        "import boto3\n"
        "print(boto3.client('sts').get_caller_identity()['Arn'])\n"
        "boto3.client('s3').put_object(Bucket='e2e-data', Key='by-script', Body=b'x')\n"
    )
    code = _put(running, "code/who.py", script)
    step = make.processing("Who", code)
    step["Arguments"]["RoleArn"] = ROLE
    description, steps = _run(running, "who", [step])
    reasons = {name: row.get("FailureReason") for name, row in steps.items()}
    assert description["PipelineExecutionStatus"] == "Succeeded", reasons
    arn = steps["Who"]["Metadata"]["ProcessingJob"]["Arn"]
    (log,) = Path(running._workspace).rglob(f"{arn.rpartition('/')[2]}/log")
    assert log.read_text().startswith(f"arn:aws:sts::{DEV}:assumed-role/execution/")
    assert running.client("s3", "dev-admin").get_object(Bucket="e2e-data", Key="by-script")


def test_role__does_not_trust_sagemaker__step_fails_with_access_denied(running, make):
    step = make.lambda_step("L", "resolve", {"prefix": ""})
    role = f"arn:aws:iam::{DEV}:role/untrusting"
    description, steps = _run(running, "untrusting", [step], role)
    assert description["PipelineExecutionStatus"] == "Failed"
    reason = steps["L"]["FailureReason"]
    assert reason.startswith("ClientError: Failed to invoke lambda:Invoke. Error Details: ")
    assert role in reason


def test_lambda__raises__step_fails_with_its_message(running, make):
    step = make.lambda_step("L", "resolve", {"fail": True})
    step["FunctionArn"] = _function("resolve")
    _, steps = _run(running, "raises", [step])
    assert steps["L"]["FailureReason"] == (
        "ClientError: The Lambda function resolve returned an error: LookupError: no such batch"
    )


def test_bucket__missing__job_fails_and_names_the_uri(running, make):
    step = make.processing("P", "s3://no-such-bucket/x.py")
    step["Arguments"]["RoleArn"] = ROLE
    _, steps = _run(running, "nobucket", [step])
    reason = steps["P"]["FailureReason"]
    assert reason.startswith("ClientError: ClientError: ")
    assert "s3://no-such-bucket/x.py" in reason


def test_errors__over_the_wire__have_aws_codes(running):
    client = running.client("sagemaker", "dev-admin")
    with pytest.raises(ClientError) as caught:
        client.describe_pipeline(PipelineName="nope")
    assert caught.value.response["Error"]["Code"] == "ResourceNotFound"
    definition = {"Version": "2020-12-01", "Steps": [{"Name": "T", "Type": "Tuning"}]}
    with pytest.raises(ClientError) as caught:
        client.create_pipeline(
            PipelineName="bad",
            PipelineDefinition=json.dumps(definition),
            RoleArn=ROLE,
            ClientRequestToken="x" * 32,
        )
    error = caught.value.response["Error"]
    assert error["Code"] == "ValidationException"
    assert "Step 'T' is of type 'Tuning'" in error["Message"]


def test_stop__running_script__job_and_execution_are_stopped(running, make):
    code = _put(running, "code/sleep.py", "import time; print('up', flush=True); time.sleep(60)")
    step = make.processing("Sleep", code)
    step["Arguments"]["RoleArn"] = ROLE
    client = running.client("sagemaker", "dev-admin")
    definition = json.dumps({"Version": "2020-12-01", "Parameters": [], "Steps": [step]})
    token = "stop".ljust(32, "x")
    client.create_pipeline(
        PipelineName="stop", PipelineDefinition=definition, RoleArn=ROLE, ClientRequestToken=token
    )
    started = client.start_pipeline_execution(PipelineName="stop", ClientRequestToken=token)
    arn = started["PipelineExecutionArn"]
    identifier = arn.rpartition("/")[2]
    deadline = time.monotonic() + 30
    logs: list[Path] = []
    while not any(log.read_text() for log in logs):
        assert time.monotonic() < deadline
        time.sleep(0.02)
        logs = list(Path(running._workspace).rglob(f"pipelines-{identifier}-*/log"))
    client.stop_pipeline_execution(PipelineExecutionArn=arn, ClientRequestToken=token)
    running.settle(30)
    found = client.describe_pipeline_execution(PipelineExecutionArn=arn)
    assert found["PipelineExecutionStatus"] == "Stopped"
    (row,) = client.list_pipeline_execution_steps(PipelineExecutionArn=arn)[
        "PipelineExecutionSteps"
    ]
    assert row["StepStatus"] == "Stopped"
    jobs = client.list_processing_jobs(NameContains=identifier)["ProcessingJobSummaries"]
    assert [job["ProcessingJobStatus"] for job in jobs] == ["Stopped"]
