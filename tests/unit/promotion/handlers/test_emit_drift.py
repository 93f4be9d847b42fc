"""The Lambda that tells of drift."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.stub import Stubber

from promotion.handlers.emit_drift import EventRefused, ForeignFile, emit

MakeStub = Callable[[str], tuple[Any, Stubber]]
DRIFT = {
    "use_case": "mammography",
    "model_package_arn": "arn:aws:sagemaker:eu-west-1:222222222222:model-package/mammography/1",
    "model_version": "1",
    "batch_uri": "s3://data/mammography/batches/2026-01-02/batch.csv",
    "violations_uri": "s3://data/mammography/inference/abc/violations.json",
    "pipeline_execution_id": "abc",
}
ENTRY = {
    "Source": "promotion.data-quality",
    "DetailType": "Data Drift Detected",
    "Detail": json.dumps(DRIFT),
    "EventBusName": "drift-bus",
}


def test_emit__drift__is_one_event_with_the_agreed_keys_only(stub: MakeStub) -> None:
    events, calls = stub("events")
    calls.add_response(
        "put_events", {"FailedEntryCount": 0, "Entries": [{"EventId": "e1"}]}, {"Entries": [ENTRY]}
    )
    assert emit({**DRIFT, "other": 1}, "drift-bus", events) == {"event_id": "e1"}
    calls.assert_no_pending_responses()


def test_emit__refused_entry__is_an_error(stub: MakeStub) -> None:
    events, calls = stub("events")
    entry = {"ErrorCode": "InternalFailure", "ErrorMessage": "try later"}
    calls.add_response("put_events", {"FailedEntryCount": 1, "Entries": [entry]})
    with pytest.raises(EventRefused) as caught:
        emit(DRIFT, "drift-bus", events)
    assert str(caught.value) == (
        "the event bus drift-bus refused the drift event of "
        "s3://data/mammography/batches/2026-01-02/batch.csv: InternalFailure: try later"
    )


def test_emit__missing_key__publishes_nothing(stub: MakeStub) -> None:
    events, _ = stub("events")
    with pytest.raises(KeyError, match="batch_uri"):
        emit({k: v for k, v in DRIFT.items() if k != "batch_uri"}, "drift-bus", events)


@pytest.mark.parametrize("key", ["batch_uri", "violations_uri"])
@pytest.mark.parametrize("uri", ["s3://data/lungs/x.csv", "s3://data/x.csv", "s3://data", "x"])
def test_emit__file_of_another_use_case__publishes_nothing(
    stub: MakeStub, key: str, uri: str
) -> None:
    events, _ = stub("events")
    with pytest.raises(ForeignFile) as caught:
        emit({**DRIFT, key: uri}, "drift-bus", events)
    assert str(caught.value) == f"{key} {uri} is no file of use case mammography"
