"""The Lambda handlers as AWS calls them, against an in-process AWS."""

import hashlib
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from promotion.handlers import emit_drift, resolve_batch, resolve_model
from promotion.handlers.resolve_batch import BatchMissing
from promotion.handlers.resolve_model import BaselineMissing, NoApprovedModel

ETAG = hashlib.md5(b"x", usedforsecurity=False).hexdigest()
PREFIX = "s3://data/mammography/batches/"


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(
            Bucket="data", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )
        yield client


def put(s3: Any, *keys: str) -> None:
    for key in keys:
        s3.put_object(Bucket="data", Key=key, Body=b"x")


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("latest", "2026-01-03"),
        ("2026-01-02", "2026-01-02"),
        ("2026-01-02T06:00:00Z", "2026-01-02"),
    ],
)
def test_resolve_batch__prefix_and_date__finds_the_object(
    s3: Any, date: str, expected: str
) -> None:
    folder = "mammography/batches"
    put(s3, *(f"{folder}/2026-01-0{day}/batch.csv" for day in (1, 2, 3)))
    put(s3, f"{folder}/2026-01-04/other.csv", f"{folder}/zzz/batch.csv")
    assert resolve_batch.handler({"batch_uri": PREFIX, "batch_date": date}, None) == {
        "batch_uri": f"{PREFIX}{expected}/batch.csv",
        "batch_date": expected,
        "batch_version": ETAG,
    }


def test_resolve_batch__latest_of_many_pages__is_the_greatest(s3: Any) -> None:
    put(s3, "b/2026-01-01/batch.csv", *(f"b/2026-01-01/part-{n}" for n in range(1001)))
    put(s3, "b/2026-02-01/batch.csv")
    batch = resolve_batch.handler({"batch_uri": "s3://data/b/", "batch_date": "latest"}, None)
    assert batch["batch_date"] == "2026-02-01"


def test_resolve_batch__object__is_used_as_it_is(s3: Any) -> None:
    put(s3, "any/file.csv")
    event = {"batch_uri": "s3://data/any/file.csv", "batch_date": "latest"}
    assert resolve_batch.handler(event, None) == {
        "batch_uri": "s3://data/any/file.csv",
        "batch_date": "",
        "batch_version": ETAG,
    }


def test_resolve_batch__bucket_with_versions__names_the_version(s3: Any) -> None:
    s3.put_bucket_versioning(Bucket="data", VersioningConfiguration={"Status": "Enabled"})
    version = s3.put_object(Bucket="data", Key="any/file.csv", Body=b"x")["VersionId"]
    event = {"batch_uri": "s3://data/any/file.csv", "batch_date": "latest"}
    assert resolve_batch.handler(event, None)["batch_version"] == version


@pytest.mark.parametrize(
    ("uri", "date", "named"),
    [
        (PREFIX, "2026-01-09", f"{PREFIX}2026-01-09/batch.csv"),
        (PREFIX, "latest", f"{PREFIX}YYYY-MM-DD/batch.csv"),
        ("s3://data/gone.csv", "latest", "s3://data/gone.csv"),
        ("s3://no-such-bucket/gone.csv", "latest", "s3://no-such-bucket/gone.csv"),
    ],
)
def test_resolve_batch__nothing_there__names_the_uri(
    s3: Any, uri: str, date: str, named: str
) -> None:
    with pytest.raises(BatchMissing, match=f"there is no batch at {named}"):
        resolve_batch.handler({"batch_uri": uri, "batch_date": date}, None)


@pytest.mark.parametrize(
    ("uri", "date", "message"),
    [
        ("http://x/y", "latest", "batch_uri 'http://x/y' is not an S3 URI"),
        (PREFIX, "yesterday", "batch_date 'yesterday' is neither 'latest' nor a date YYYY-MM-DD"),
    ],
)
def test_resolve_batch__malformed_input__is_refused(
    s3: Any, uri: str, date: str, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        resolve_batch.handler({"batch_uri": uri, "batch_date": date}, None)


def test_resolve_model__group_of_pending_and_approved__gives_the_approved(s3: Any) -> None:
    put(s3, "m/model.tar.gz")
    sagemaker = boto3.client("sagemaker")
    sagemaker.create_model_package_group(ModelPackageGroupName="mammography")
    arns = [
        sagemaker.create_model_package(
            ModelPackageGroupName="mammography",
            ModelApprovalStatus="PendingManualApproval",
            InferenceSpecification={
                "Containers": [{"Image": "i", "ModelDataUrl": "s3://data/m/model.tar.gz"}],
                "SupportedContentTypes": ["text/csv"],
                "SupportedResponseMIMETypes": ["text/csv"],
            },
        )["ModelPackageArn"]
        for _ in range(2)
    ]
    event = {"model_package_group_arn": "mammography"}
    with pytest.raises(NoApprovedModel):
        resolve_model.handler(event, None)
    sagemaker.update_model_package(ModelPackageArn=arns[0], ModelApprovalStatus="Approved")
    with pytest.raises(BaselineMissing, match=arns[0]):
        resolve_model.handler(event, None)


def test_emit_drift__bus_of_the_environment__gets_the_event(
    s3: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    boto3.client("events").create_event_bus(Name="drift-bus")
    monkeypatch.setenv("EVENT_BUS_NAME", "drift-bus")
    files = dict.fromkeys(emit_drift.FILES, "s3://data/mammography/x")
    drift = {**dict.fromkeys(emit_drift.KEYS, "x"), "use_case": "mammography", **files}
    drift["severity"] = "retrain"
    assert emit_drift.handler(drift, None).keys() == {"event_id"}
