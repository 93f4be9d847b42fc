"""The ledger as it runs: real functions in two accounts, events, concurrent writers, its policy.

Starts a sandbox with what the modules `audit-ledger` and `execution-recorder` make (they
themselves are applied by the tests of Terraform), and runs a pipeline in it.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from promotion.aws.ledger import LedgerItems
from promotion.build import package_handlers
from promotion.ledger.verify import verify
from promotion.plan.ownership import tags_for
from sandbox.accounts import load_accounts
from sandbox.server import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[3]
DEV, REGISTRY = "333333333333", "222222222222"
TABLE = f"arn:aws:dynamodb:eu-west-1:{REGISTRY}:table/acme-ml-ledger"
LEDGER = f"arn:aws:lambda:eu-west-1:{REGISTRY}:function:acme-ml-registry-ledger"
LEDGER_OF_DEV = f"{LEDGER}-dev"
GROUP = f"arn:aws:sagemaker:eu-west-1:{REGISTRY}:model-package-group/mammography"
PIPELINE = f"arn:aws:sagemaker:eu-west-1:{DEV}:pipeline/mammography-train"
IMAGE = "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-xgboost:1.7-1"
WRITERS = 8
SCRIPT = """
import json, pathlib
rows = pathlib.Path('/opt/ml/processing/in/rows.csv').read_text().splitlines()
out = pathlib.Path('/opt/ml/processing/out')
out.mkdir(exist_ok=True)
found = {'auc': {'value': 0.75, 'curve': [1]}, 'n': len(rows)}
(out / 'evaluation.json').write_text(json.dumps(found))
"""


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(actions: list[str], *resources: str, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": list(resources), **more}


def role(sandbox: Sandbox, account: str, name: str, service: str, *allowed: dict[str, Any]) -> str:
    iam = sandbox.client("iam", f"{account}-admin")
    principal = {"Service": f"{service}.amazonaws.com"}
    trust = document({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    logs = allow(["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"], "*")
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=document(logs, *allowed))
    return str(arn)


def function(
    sandbox: Sandbox,
    account: str,
    name: str,
    *,
    role_arn: str,
    handler: str,
    package: bytes,
    **env: str,
) -> None:
    sandbox.client("lambda", f"{account}-admin").create_function(
        FunctionName=name,
        Runtime="python3.12",
        Role=role_arn,
        Handler=f"promotion.handlers.{handler}",
        Code={"ZipFile": package},
        Timeout=60,
        Environment={"Variables": env},
    )


def rule(
    sandbox: Sandbox, account: str, name: str, pattern: dict[str, Any], function_arn: str
) -> None:
    events = sandbox.client("events", f"{account}-admin")
    arn = events.put_rule(Name=name, EventPattern=json.dumps(pattern))["RuleArn"]
    events.put_targets(Rule=name, Targets=[{"Id": "f", "Arn": function_arn}])
    sandbox.client("lambda", f"{account}-admin").add_permission(
        FunctionName=function_arn,
        StatementId=name,
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceArn=arn,
    )


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    accounts = load_accounts(ROOT / "tests" / "environments")
    with Sandbox(accounts, workspace=tmp_path_factory.mktemp("sandbox")) as sandbox:
        package = package_handlers(ROOT, tmp_path_factory.mktemp("package")).read_bytes()
        furnish_registry(sandbox, package)
        furnish_dev(sandbox, package)
        yield sandbox


def furnish_registry(sandbox: Sandbox, package: bytes) -> None:
    keys = {"series": "HASH", "place": "RANGE"}
    sandbox.client("dynamodb", "registry-admin").create_table(
        TableName="acme-ml-ledger",
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys.items()],
        AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in keys],
        BillingMode="PAY_PER_REQUEST",
    )
    writer = role(
        sandbox, "registry", "lambda-sagemaker-role-ledger", "lambda",
        allow(["dynamodb:PutItem", "dynamodb:Query"], TABLE),
        allow(["sagemaker:DescribeModelPackage"], f"{GROUP.replace('-group', '')}/*"),
    )  # fmt: skip
    others = {
        "ArnNotEquals": {"aws:PrincipalArn": f"arn:aws:iam::{REGISTRY}:role/break-glass-role"}
    }
    deny = {"Effect": "Deny", "Principal": "*", "Resource": TABLE}
    sandbox.client("dynamodb", "registry-admin").put_resource_policy(
        ResourceArn=TABLE,
        Policy=document(
            {**deny, "Action": ["dynamodb:DeleteItem", "dynamodb:UpdateItem"], "Condition": others},
            {**deny, "Action": "dynamodb:PutItem",
             "Condition": {"ArnNotEquals": {"aws:PrincipalArn": writer}}},
        ),
    )  # fmt: skip
    function(
        sandbox, "registry", "acme-ml-registry-ledger",
        role_arn=writer, handler="ledger.decided", package=package,
        LEDGER_TABLE="acme-ml-ledger", ENVIRONMENT="registry",
        USE_CASES=json.dumps({"mammography": "mammography"}),
    )  # fmt: skip
    function(
        sandbox, "registry", "acme-ml-registry-ledger-dev",
        role_arn=writer, handler="ledger.stated", package=package,
        LEDGER_TABLE="acme-ml-ledger", STATED_ENVIRONMENT="dev", STATED_ACCOUNT_ID=DEV,
    )  # fmt: skip
    sandbox.client("lambda", "registry-admin").add_permission(
        FunctionName=LEDGER_OF_DEV,
        StatementId="dev",
        Action="lambda:InvokeFunction",
        Principal=f"arn:aws:iam::{DEV}:root",
    )
    pattern = {
        "source": ["aws.sagemaker"],
        "detail-type": ["SageMaker Model Package State Change"],
        "detail": {"ModelPackageGroupName": ["mammography"]},
    }
    rule(sandbox, "registry", "decisions", pattern, LEDGER)
    sagemaker = sandbox.client("sagemaker", "registry-admin")
    sagemaker.create_model_package_group(ModelPackageGroupName="mammography")
    packages = f"{GROUP.replace('-group', '')}/*"
    sagemaker.put_model_package_group_policy(
        ModelPackageGroupName="mammography",
        ResourcePolicy=document(
            {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{DEV}:root"},
             "Action": "sagemaker:CreateModelPackage", "Resource": [GROUP, packages]}
        ),
    )  # fmt: skip


def furnish_dev(sandbox: Sandbox, package: bytes) -> None:
    s3 = sandbox.client("s3", "dev-admin")
    s3.create_bucket(
        Bucket="acme-ml-dev-data", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    s3.put_bucket_versioning(
        Bucket="acme-ml-dev-data", VersioningConfiguration={"Status": "Enabled"}
    )
    role(
        sandbox,
        "dev",
        "execution",
        "sagemaker",
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
    )
    recorder = role(
        sandbox, "dev", "lambda-sagemaker-role-record-execution", "lambda",
        allow(
            ["sagemaker:DescribePipelineDefinitionForExecution",
             "sagemaker:DescribePipelineExecution", "sagemaker:ListPipelineExecutionSteps",
             "sagemaker:ListPipelineParametersForExecution"],
            PIPELINE, f"{PIPELINE}/execution/*",
        ),
        allow(["sagemaker:ListTags"], PIPELINE),
        allow(
            ["sagemaker:DescribeProcessingJob"],
            f"arn:aws:sagemaker:eu-west-1:{DEV}:processing-job/pipelines-*",
        ),
        allow(["s3:GetObject"], "arn:aws:s3:::acme-ml-dev-data/mammography/*"),
        allow(
            ["s3:ListBucket"], "arn:aws:s3:::acme-ml-dev-data",
            Condition={"StringLike": {"s3:prefix": ["mammography/*"]}},
        ),
        allow(["lambda:InvokeFunction"], LEDGER_OF_DEV),
    )  # fmt: skip
    function(
        sandbox, "dev", "acme-ml-dev-record-execution",
        role_arn=recorder, handler="record_execution.handler", package=package,
        ENVIRONMENT="dev", DATA_BUCKET="acme-ml-dev-data", LEDGER_FUNCTION_ARN=LEDGER_OF_DEV,
        USE_CASES=json.dumps({"mammography-train": "mammography"}),
    )  # fmt: skip
    pattern = {
        "source": ["aws.sagemaker"],
        "detail-type": ["SageMaker Model Building Pipeline Execution Status Change"],
        "detail": {"currentPipelineExecutionStatus": ["Failed", "Stopped", "Succeeded"]},
    }
    arn = f"arn:aws:lambda:eu-west-1:{DEV}:function:acme-ml-dev-record-execution"
    rule(sandbox, "dev", "ended", pattern, arn)


def ledger_of(sandbox: Sandbox) -> list[dict[str, Any]]:
    """Return the records, after proving that the chain is whole."""
    client = sandbox.client("dynamodb", "registry-admin")
    items = LedgerItems(client, REGISTRY, "acme-ml-ledger")
    entries = list(items.entries())
    assert verify(entries, list(items.receipts())) == ()
    return [json.loads(entry.body)["record"] for entry in entries]


def hand_in(sandbox: Sandbox, token: str, principal: str = "dev-admin") -> dict[str, Any]:
    record = {
        "kind": "apply", "at": "2026-01-02T06:00:00.000000Z", "environment": "dev",
        "actor": f"arn:aws:iam::{DEV}:user/admin", "account_id": DEV, "reason": token,
    }  # fmt: skip
    answer = sandbox.client("lambda", principal).invoke(
        FunctionName=LEDGER_OF_DEV, Payload=json.dumps({"token": token, "record": record}).encode()
    )
    payload: dict[str, Any] = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, payload
    return payload


def test_ledger__concurrent_writers__leave_no_gap_and_no_duplicate(running: Sandbox) -> None:
    before = len(ledger_of(running))
    # Each fact is handed in twice, as EventBridge may do.
    tokens = [f"fact-{number}" for number in range(WRITERS)] * 2
    with ThreadPoolExecutor(WRITERS) as pool:
        answers = list(pool.map(lambda token: hand_in(running, token), tokens))
    records = ledger_of(running)[before:]
    assert sorted(record["reason"] for record in records) == sorted(set(tokens))
    assert sorted(answer["sequence"] for answer in answers if not answer["repeated"]) == list(
        range(before + 1, before + WRITERS + 1)
    )
    assert sum(answer["repeated"] for answer in answers) == WRITERS


def test_ledger__account_without_permission__is_denied(running: Sandbox) -> None:
    before = ledger_of(running)
    with pytest.raises(ClientError) as caught:
        hand_in(running, "from-prod", "prod-admin")
    assert caught.value.response["Error"]["Code"] == "AccessDeniedException"
    assert ledger_of(running) == before


def test_table__administrator__cannot_change_add_or_remove_a_record(running: Sandbox) -> None:
    hand_in(running, "kept")
    before = ledger_of(running)
    client = running.client("dynamodb", "registry-admin")
    key = {"series": {"S": "entries"}, "place": {"S": f"{1:012}"}}
    update = "SET body = :x"
    attempts = {
        "delete_item": {"Key": key},
        "put_item": {"Item": {**key, "body": {"S": "{}"}, "digest": {"S": "x"}}},
        "update_item": {
            "Key": key,
            "UpdateExpression": update,
            "ExpressionAttributeValues": {":x": {"S": "{}"}},
        },
    }
    for operation, arguments in attempts.items():
        with pytest.raises(ClientError) as caught:
            getattr(client, operation)(TableName="acme-ml-ledger", **arguments)
        assert caught.value.response["Error"]["Code"] == "AccessDeniedException", operation
    assert ledger_of(running) == before


def train(sandbox: Sandbox) -> str:
    """Run a train pipeline of one job and a registration; return the execution's ARN."""
    s3 = sandbox.client("s3", "dev-admin")
    s3.put_object(Bucket="acme-ml-dev-data", Key="code/e.py", Body=SCRIPT.encode())
    key = "mammography/training/rows.csv"
    s3.put_object(Bucket="acme-ml-dev-data", Key=key, Body=b"old\n")
    s3.put_object(Bucket="acme-ml-dev-data", Key=key, Body=b"1\n2\n", ChecksumAlgorithm="SHA256")

    def place(name: str, uri: object, path: str) -> dict[str, Any]:
        kept = {"S3DataType": "S3Prefix", "S3InputMode": "File"}
        return {"InputName": name, "S3Input": {"S3Uri": uri, "LocalPath": path, **kept}}

    evaluate = {
        "Name": "Evaluate",
        "Type": "Processing",
        "Arguments": {
            "AppSpecification": {
                "ImageUri": IMAGE,
                "ContainerEntrypoint": ["python3", "/opt/ml/processing/code/e.py"],
            },
            "ProcessingInputs": [
                place("code", "s3://acme-ml-dev-data/code/e.py", "/opt/ml/processing/code"),
                place("in", {"Get": "Parameters.InputUri"}, "/opt/ml/processing/in"),
            ],
            "ProcessingOutputConfig": {
                "Outputs": [
                    {
                        "OutputName": "out",
                        "S3Output": {
                            "S3Uri": "s3://acme-ml-dev-data/mammography/run/out",
                            "LocalPath": "/opt/ml/processing/out",
                            "S3UploadMode": "EndOfJob",
                        },
                    }
                ]
            },
            "ProcessingResources": {
                "ClusterConfig": {
                    "InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10
                }
            },
            "RoleArn": f"arn:aws:iam::{DEV}:role/execution",
        },
        "PropertyFiles": [
            {"PropertyFileName": "Evaluation", "OutputName": "out", "FilePath": "evaluation.json"}
        ],
    }  # fmt: skip
    register = {
        "Name": "Register",
        "Type": "RegisterModel",
        "DependsOn": ["Evaluate"],
        "Arguments": {
            "ModelPackageGroupName": GROUP,
            "ModelApprovalStatus": "PendingManualApproval",
            "CustomerMetadataProperties": {"environment": "dev", "release_digest": "ab" * 32},
            "InferenceSpecification": {
                "Containers": [{"Image": IMAGE, "ModelDataUrl": "s3://acme-ml-dev-data/m.tar.gz"}],
                "SupportedContentTypes": ["text/csv"],
                "SupportedResponseMIMETypes": ["text/csv"],
            },
        },
    }
    uri = "s3://acme-ml-dev-data/mammography/training/"
    definition = json.dumps(
        {
            "Version": "2020-12-01",
            "Parameters": [{"Name": "InputUri", "Type": "String", "DefaultValue": uri}],
            "Steps": [evaluate, register],
        }
    )
    tags = tags_for("mammography", "ab" * 32, "c0ffee", definition)
    client = sandbox.client("sagemaker", "dev-admin")
    client.create_pipeline(
        PipelineName="mammography-train",
        PipelineDefinition=definition,
        RoleArn=f"arn:aws:iam::{DEV}:role/execution",
        ClientRequestToken="x" * 32,
        Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
    )
    started = client.start_pipeline_execution(PipelineName="mammography-train")
    sandbox.settle(120)
    return str(started["PipelineExecutionArn"])


def test_execution_and_decisions__are_recorded_each_once_with_who_and_what(
    running: Sandbox,
) -> None:
    before = len(ledger_of(running))
    arn = train(running)
    described = running.client("sagemaker", "dev-admin").describe_pipeline_execution(
        PipelineExecutionArn=arn
    )
    assert described["PipelineExecutionStatus"] == "Succeeded", described.get("FailureReason")
    found = {record["kind"]: record for record in ledger_of(running)[before:]}
    assert set(found) == {"registration", "execution"}
    package = f"{GROUP.replace('-group', '')}/1"
    head = running.client("s3", "dev-admin").head_object(
        Bucket="acme-ml-dev-data", Key="mammography/training/rows.csv", ChecksumMode="ENABLED"
    )
    execution = found["execution"]
    details = execution.pop("details")
    at = execution.pop("at")
    assert execution == {
        "kind": "execution",
        "actor": f"arn:aws:iam::{DEV}:user/admin",
        "account_id": DEV,
        "environment": "dev",
        "use_case": "mammography",
        "release_digest": "ab" * 32,
        "git_commit": "c0ffee",
        "model_package_arn": package,
        "reason": "",
        "outcome": "Succeeded",
        "dataset_versions": [
            {
                "uri": "s3://acme-ml-dev-data/mammography/training/rows.csv",
                "version_id": head["VersionId"],
                "etag": head["ETag"].strip('"'),
                "sha256": head["ChecksumSHA256"],
                "size_bytes": 4,
            }
        ],
    }
    assert details["execution_arn"] == arn
    assert details["parameters"] == {"InputUri": "s3://acme-ml-dev-data/mammography/training/"}
    assert details["metrics"] == {"Evaluation": {"auc.value": 0.75, "n": 2}}
    assert [(step["name"], step["status"]) for step in details["steps"]] == [
        ("Evaluate", "Succeeded"),
        ("Register", "Succeeded"),
    ]
    assert details["unread_datasets"] == []
    assert details["seconds"] > 0
    assert details["started_at"] < at
    assert found["registration"]["actor"].startswith(f"arn:aws:sts::{DEV}:assumed-role/execution/")
    assert found["registration"]["release_digest"] == "ab" * 32

    running.client("sagemaker", "registry-admin").update_model_package(
        ModelPackageArn=package, ModelApprovalStatus="Approved", ApprovalDescription="good"
    )
    running.settle(60)
    (approval,) = ledger_of(running)[before + 2 :]
    assert {name: approval[name] for name in ("kind", "actor", "reason", "outcome")} == {
        "kind": "approval",
        "actor": f"arn:aws:iam::{REGISTRY}:user/admin",
        "reason": "good",
        "outcome": "Approved",
    }
