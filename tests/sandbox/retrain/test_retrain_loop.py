"""Drift starts one training however its event is delivered; no other failure starts any."""

from __future__ import annotations

import datetime
import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from promotion.aws.ledger import LedgerItems
from promotion.build.programs import pack_programs
from promotion.build.source import CODE_FOLDER, read_code
from promotion.ledger.verify import verify

from .conftest import BUCKET, EXECUTION, GROUP, PROD, REGION, REGISTRY, ROOT

if TYPE_CHECKING:
    from .conftest import Loop

IMAGE = f"141502667606.dkr.ecr.{REGION}.amazonaws.com/sagemaker-xgboost:1.7-1"
DETAIL = {
    "use_case": "mammography",
    "model_package_arn": f"{GROUP.replace('-group', '')}/1",
    "model_version": "1",
    "batch_uri": f"s3://{BUCKET}/mammography/batches/2026-01-02/batch.csv",
    "batch_version": "v1",
    "violations_uri": f"s3://{BUCKET}/mammography/inference/abc/constraint_violations.json",
    "worst_features": "age (distance 0.45 over 0.05)",
    "summary": "age: baseline_drift_check",
    "pipeline_execution_id": "abc",
}
DELIVERIES = 5


def deliver(loop: Loop, minutes_late: int = 0, **changed: str) -> None:
    entry: dict[str, Any] = {
        "Source": "promotion.data-quality",
        "DetailType": "Data Drift Detected",
        "Detail": json.dumps({**DETAIL, **changed}),
        "Time": datetime.datetime.now(datetime.UTC) - datetime.timedelta(minutes=minutes_late),
    }
    assert loop.client("events").put_events(Entries=[entry])["FailedEntryCount"] == 0


def retrains(loop: Loop) -> list[dict[str, Any]]:
    items = LedgerItems(loop.client("dynamodb", "registry"), REGISTRY, "acme-ml-ledger")
    entries = list(items.entries())
    assert verify(entries, list(items.receipts())) == ()
    return [json.loads(entry.body)["record"] for entry in entries]


def test_drift__delivered_five_times_in_parallel_and_out_of_order__trains_and_tells_once(
    loop: Loop,
) -> None:
    trained, told, recorded = loop.trainings(), loop.mails(), retrains(loop)
    with ThreadPoolExecutor(DELIVERIES) as pool:
        list(pool.map(lambda late: deliver(loop, late), (3, 0, 4, 1, 2)))
    loop.sandbox.settle(60)
    [execution] = loop.trainings()[: len(loop.trainings()) - len(trained)]
    given = loop.client("sagemaker").list_pipeline_parameters_for_execution(
        PipelineExecutionArn=execution
    )["PipelineParameters"]
    assert {one["Name"]: one["Value"] for one in given} == {
        "DriftedBatchUri": DETAIL["batch_uri"],
        "DriftedBatchVersion": "v1",
    }
    [mail] = loop.mails()[len(told) :]
    assert mail.body.splitlines()[0] == (
        "Data drift in mammography: batch 2026-01-02/batch.csv was not scored."
    )
    [record] = retrains(loop)[len(recorded) :]
    assert (record["kind"], record["outcome"], record["use_case"]) == (
        "retrain", "started", "mammography",
    )  # fmt: skip
    assert record["details"]["execution_arn"] == execution
    assert record["reason"] == f"data drift in {DETAIL['batch_uri']}: {DETAIL['worst_features']}"
    another = f"s3://{BUCKET}/mammography/batches/2026-01-03/batch.csv"
    deliver(loop, batch_uri=another)
    loop.sandbox.settle(60)
    assert len(loop.trainings()) == len(trained) + 1
    skipped = retrains(loop)[-1]
    assert (skipped["outcome"], skipped["details"]["batch_uri"]) == ("skipped", another)
    assert skipped["reason"] == f"{execution} started within the cool-down of 3600 s"


def processing(name: str, *command: str, code: str, **sources: str) -> dict[str, Any]:
    """Return a Processing step that runs a code object on inputs, as the use case's do."""
    folder = "/opt/ml/processing"
    kept = {"S3DataType": "S3Prefix", "S3InputMode": "File"}
    inputs = {"code": code, **sources}
    return {
        "Name": name,
        "Type": "Processing",
        "Arguments": {
            "AppSpecification": {
                "ImageUri": IMAGE,
                "ContainerEntrypoint": ["python3", f"{folder}/code/{code.rpartition('/')[2]}"],
                **({"ContainerArguments": list(command)} if command else {}),
            },
            "ProcessingInputs": [
                {
                    "InputName": key,
                    "S3Input": {"S3Uri": uri, "LocalPath": f"{folder}/{key}", **kept},
                }
                for key, uri in inputs.items()
            ],
            "ProcessingResources": {
                "ClusterConfig": {
                    "InstanceType": "ml.m5.large",
                    "InstanceCount": 1,
                    "VolumeSizeInGB": 10,
                }
            },
            "RoleArn": EXECUTION,
        },
    }


def calling(name: str, function: str, **arguments: str) -> dict[str, Any]:
    """Return a Lambda step."""
    return {
        "Name": name,
        "Type": "Lambda",
        "FunctionArn": f"arn:aws:lambda:{REGION}:{PROD}:function:{function}",
        "Arguments": arguments,
        "OutputParameters": [{"OutputName": "batch_uri", "OutputType": "String"}],
    }


def put(loop: Loop, key: str, body: bytes, **more: str) -> str:
    loop.client("s3").put_object(Bucket=BUCKET, Key=key, Body=body, **more)
    return f"s3://{BUCKET}/{key}"


def without_model(_loop: Loop) -> dict[str, Any]:
    return calling("ResolveModel", "resolve-model", model_package_group_arn=GROUP)


def without_batch(_loop: Loop) -> dict[str, Any]:
    prefix = f"s3://{BUCKET}/mammography/batches/"
    return calling("ResolveBatch", "resolve-batch", batch_uri=prefix, batch_date="2026-02-01")


def with_denied_key(loop: Loop) -> dict[str, Any]:
    """The batch is encrypted with a key that the pipeline's role may not use any more."""
    kms = loop.client("kms")
    admin = {"Principal": {"AWS": f"arn:aws:iam::{PROD}:root"}}
    everything = {"Effect": "Allow", "Action": "kms:*", "Resource": "*", **admin}
    denied = {"Effect": "Deny", "Principal": {"AWS": EXECUTION}, "Resource": "*"}
    denied["Action"] = "kms:Decrypt"
    policy = json.dumps({"Version": "2012-10-17", "Statement": [everything, denied]})
    key = kms.create_key(Policy=policy)["KeyMetadata"]["Arn"]
    uri = put(
        loop, "mammography/secret.csv", b"a\n1\n", ServerSideEncryption="aws:kms", SSEKMSKeyId=key
    )
    code = put(loop, "code/none.py", b"")
    return processing("CheckDrift", code=code, batch=uri)


def with_crash(loop: Loop) -> dict[str, Any]:
    code = put(loop, "code/crash.py", b"raise RuntimeError('out of ideas')\n")
    return processing("PrepareBatch", code=code)


def with_quota_used_up(_loop: Loop) -> dict[str, Any]:
    # The sandbox has no limits of its own: the text is that of AWS.
    reason = (
        "ResourceLimitExceeded: The account-level service limit 'ml.m5.large for processing job "
        "usage' is 0 Instances, with current utilization of 0 Instances"
    )
    return {"Name": "CheckDrift", "Type": "Fail", "Arguments": {"ErrorMessage": reason}}


def with_malformed_batch(loop: Loop) -> dict[str, Any]:
    """The batch is no CSV at all: the program of the release says so and ends with 1."""
    code = read_code(ROOT / "pipelines" / "mammography")
    assert pack_programs(code, CODE_FOLDER) == code
    program = put(loop, "code/data_quality.pyz", code["steps/data_quality.pyz"])
    files = {
        "batch": put(loop, "mammography/bad/batch.csv", b"\xff\xfe\x00"),
        "baseline": put(loop, "mammography/bad/constraints.json", b'{"features": []}'),
        "statistics": put(loop, "mammography/bad/statistics.json", b'{"features": []}'),
    }
    folder = "/opt/ml/processing"
    command = ["check", "--input-dir", f"{folder}/batch", "--output-dir", f"{folder}/out"]
    command += ["--constraints-dir", f"{folder}/baseline", "--statistics-dir"]
    return processing("CheckDrift", *command, f"{folder}/statistics", code=program, **files)


@pytest.mark.parametrize(
    ("failing", "reason", "todo"),
    [
        (without_model, "NoApprovedModel: no version of", "No model version is approved."),
        (without_batch, "BatchMissing: there is no batch at", "The batch is not there."),
        (with_denied_key, "AccessDenied", "A key refuses."),
        (with_crash, "AlgorithmError", "The step's script ended with an error"),
        (with_quota_used_up, "ResourceLimitExceeded", "A quota of the account is used up."),
        (with_malformed_batch, "AlgorithmError", "The step's script ended with an error"),
    ],
)
def test_failure__that_is_no_drift__alerts_once_and_trains_nothing(
    loop: Loop, failing: Any, reason: str, todo: str
) -> None:
    step = failing(loop)
    name = f"inference-{failing.__name__.replace('_', '-')}"
    loop.pipeline(name, step)
    trained, told, recorded = loop.trainings(), len(loop.mails()), retrains(loop)
    assert loop.run(name) == "Failed"
    [mail] = loop.mails()[told:]
    lines = mail.body.splitlines()
    assert lines[0] == (
        f"{name}: step {step['Name']} of {name} failed. No training was started by this."
    )
    assert mail.subject == f"[acme-ml-prod] {lines[0]}"[:99]
    facts = {key: text for key, _, text in (line.partition(": ") for line in lines[2:])}
    assert facts["Where"] == f"acme-ml-prod, account {PROD}, {REGION}"
    assert facts["Since"].endswith(" UTC")
    assert reason in facts["Reason"]
    assert facts["What to do"].startswith(todo)
    assert lines[-1].startswith(f"https://{REGION}.console.aws.amazon.com/cloudwatch/")
    assert (loop.trainings(), retrains(loop)) == (trained, recorded)
