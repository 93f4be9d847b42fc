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
    "batch_version": "v1",
    "violations_uri": "s3://data/mammography/inference/abc/violations.json",
    "worst_features": "age (distance 0.45 over 0.05)",
    "summary": "age: baseline_drift_check",
    "pipeline_execution_id": "abc",
}
RETRAIN = {"severity": "retrain"}
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
    assert emit({**DRIFT, **RETRAIN, "other": 1}, "drift-bus", events) == {"event_id": "e1"}
    calls.assert_no_pending_responses()


def test_emit__warning__is_an_event_of_another_type(stub: MakeStub) -> None:
    events, calls = stub("events")
    entry = {**ENTRY, "DetailType": "Data Quality Warning"}
    calls.add_response(
        "put_events", {"FailedEntryCount": 0, "Entries": [{"EventId": "e1"}]}, {"Entries": [entry]}
    )
    assert emit({**DRIFT, "severity": "warn"}, "drift-bus", events) == {"event_id": "e1"}
    with pytest.raises(KeyError, match="none"):
        emit({**DRIFT, "severity": "none"}, "drift-bus", events)


def test_emit__refused_entry__is_an_error(stub: MakeStub) -> None:
    events, calls = stub("events")
    entry = {"ErrorCode": "InternalFailure", "ErrorMessage": "try later"}
    calls.add_response("put_events", {"FailedEntryCount": 1, "Entries": [entry]})
    with pytest.raises(EventRefused) as caught:
        emit({**DRIFT, **RETRAIN}, "drift-bus", events)
    assert str(caught.value) == (
        "the event bus drift-bus refused the drift event of "
        "s3://data/mammography/batches/2026-01-02/batch.csv: InternalFailure: try later"
    )


def test_emit__missing_key__publishes_nothing(stub: MakeStub) -> None:
    events, _ = stub("events")
    with pytest.raises(KeyError, match="batch_uri"):
        emit({k: v for k, v in DRIFT.items() if k != "batch_uri"} | RETRAIN, "drift-bus", events)


@pytest.mark.parametrize("key", ["batch_uri", "violations_uri"])
@pytest.mark.parametrize("uri", ["s3://data/lungs/x.csv", "s3://data/x.csv", "s3://data", "x"])
def test_emit__file_of_another_use_case__publishes_nothing(
    stub: MakeStub, key: str, uri: str
) -> None:
    events, _ = stub("events")
    with pytest.raises(ForeignFile) as caught:
        emit({**DRIFT, **RETRAIN, key: uri}, "drift-bus", events)
    assert str(caught.value) == f"{key} {uri} is no file of use case mammography"
