"""The Lambda that starts one training run for a drift."""

import datetime
import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from botocore.stub import Stubber

from promotion.handlers.start_retrain import NoRetrain, start

MakeStub = Callable[[str], tuple[Any, Stubber]]
NOW = datetime.datetime(2026, 1, 2, 6, 0, tzinfo=datetime.UTC)
TARGETS = {"mammography": {"pipeline_name": "mammography-train", "cooldown_seconds": 3600}}
MODEL = "arn:aws:sagemaker:eu-west-1:222222222222:model-package/mammography/1"
BATCH = "s3://data/mammography/batches/2026-01-02/batch.csv"
DRIFT = {"use_case": "mammography", "model_package_arn": MODEL, "batch_uri": BATCH}
PIPELINE = "arn:aws:sagemaker:eu-west-1:444444444444:pipeline/mammography-train"
LIST = {
    "PipelineName": "mammography-train",
    "SortBy": "CreationTime",
    "SortOrder": "Descending",
}
START = {
    "PipelineName": "mammography-train",
    "PipelineExecutionDescription": f"data drift in {BATCH}",
    "PipelineParameters": [{"Name": "DriftedBatchUri", "Value": BATCH}],
    "ClientRequestToken": hashlib.sha256(f"{MODEL}|{BATCH}".encode()).hexdigest(),
}


def execution(name: str, status: str, minutes_ago: float) -> dict[str, Any]:
    return {
        "PipelineExecutionArn": f"{PIPELINE}/execution/{name}",
        "PipelineExecutionStatus": status,
        "StartTime": NOW - datetime.timedelta(minutes=minutes_ago),
    }


def page(*executions: dict[str, Any], token: str | None = None) -> dict[str, Any]:
    return {
        "PipelineExecutionSummaries": list(executions),
        **({"NextToken": token} if token else {}),
    }


def test_start__no_recent_execution__starts_one_with_the_batch(stub: MakeStub) -> None:
    sagemaker, calls = stub("sagemaker")
    arn = f"{PIPELINE}/execution/new"
    calls.add_response("list_pipeline_executions", page(token="1"), LIST)
    old = execution("old", "Failed", 60.1)
    calls.add_response("list_pipeline_executions", page(old), {**LIST, "NextToken": "1"})
    calls.add_response("start_pipeline_execution", {"PipelineExecutionArn": arn}, START)
    assert start(DRIFT, TARGETS, NOW, sagemaker) == {
        "started": arn,
        "reason": f"data drift in {BATCH}",
    }
    calls.assert_no_pending_responses()


@pytest.mark.parametrize("status", ["Executing", "Stopping"])
def test_start__execution_still_running__starts_nothing(stub: MakeStub, status: str) -> None:
    sagemaker, calls = stub("sagemaker")
    calls.add_response("list_pipeline_executions", page(execution("long", status, 600)), LIST)
    assert start(DRIFT, TARGETS, NOW, sagemaker) == {
        "started": None,
        "reason": f"{PIPELINE}/execution/long is {status}",
    }


def test_start__running_execution_behind_an_empty_page__is_seen(stub: MakeStub) -> None:
    sagemaker, calls = stub("sagemaker")
    calls.add_response("list_pipeline_executions", page(token="1"), LIST)
    running = execution("long", "Executing", 600)
    calls.add_response("list_pipeline_executions", page(running), {**LIST, "NextToken": "1"})
    assert start(DRIFT, TARGETS, NOW, sagemaker)["started"] is None


@pytest.mark.parametrize("minutes_ago", [60, 5, -1])
def test_start__execution_within_cool_down__starts_nothing(
    stub: MakeStub, minutes_ago: float
) -> None:
    sagemaker, calls = stub("sagemaker")
    recent = execution("recent", "Succeeded", minutes_ago)
    calls.add_response("list_pipeline_executions", page(recent), LIST)
    assert start(DRIFT, TARGETS, NOW, sagemaker) == {
        "started": None,
        "reason": f"{PIPELINE}/execution/recent started within the cool-down",
    }


def test_start__unknown_use_case__calls_nothing(stub: MakeStub) -> None:
    sagemaker, _ = stub("sagemaker")
    with pytest.raises(NoRetrain, match="no pipeline is configured to retrain 'other'"):
        start({**DRIFT, "use_case": "other"}, TARGETS, NOW, sagemaker)
