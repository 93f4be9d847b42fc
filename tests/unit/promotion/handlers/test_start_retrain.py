"""The Lambda that starts one training run for a drift."""

import dataclasses
import datetime
import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from botocore.stub import Stubber

from promotion.handlers.drift import Drift, drift_of
from promotion.handlers.start_retrain import NoRetrain, Place, record_of, start

MakeStub = Callable[[str], tuple[Any, Stubber]]
NOW = datetime.datetime(2026, 1, 2, 6, 0, tzinfo=datetime.UTC)
REGISTRY = "arn:aws:sagemaker:eu-west-1:222222222222"
GROUP = f"{REGISTRY}:model-package-group/mammography"
MODEL = f"{REGISTRY}:model-package/mammography/1"
BATCH = "s3://data/mammography/batches/2026-01-02/batch.csv"
VIOLATIONS = "s3://data/mammography/inference/abc/data-quality/constraint_violations.json"
WORST = "age (distance 0.45 over 0.05)"
DETAIL = {
    "use_case": "mammography",
    "model_package_arn": MODEL,
    "model_version": "1",
    "batch_uri": BATCH,
    "batch_version": "v1",
    "violations_uri": VIOLATIONS,
    "worst_features": WORST,
    "summary": "age: baseline_drift_check",
    "pipeline_execution_id": "abc",
}
DRIFT = drift_of({"id": "e1", "time": "2026-01-02T06:00:00Z", "detail": DETAIL})
TARGET = {
    "pipeline_name": "mammography-train",
    "cooldown_seconds": 3600,
    "model_package_group_arn": GROUP,
    "drifted_batches": 1,
    "of_batches": 1,
    "watched_pipelines": ["mammography-inference"],
    "drift_step": "DataDriftDetected",
}
TARGETS = {"mammography": TARGET}
PIPELINE = "arn:aws:sagemaker:eu-west-1:444444444444:pipeline/mammography-train"
TOKEN = hashlib.sha256(f"{MODEL}|{BATCH}|v1".encode()).hexdigest()
OWN = f"drift-{TOKEN[:24]}"
REASON = f"data drift in {BATCH}: {WORST}"
LIST = {
    "PipelineName": "mammography-train",
    "SortBy": "CreationTime",
    "SortOrder": "Descending",
    "MaxResults": 100,
}
WATCH = {**LIST, "PipelineName": "mammography-inference"}
PENDING = {
    "ModelPackageGroupName": GROUP,
    "ModelApprovalStatus": "PendingManualApproval",
    "SortBy": "CreationTime",
    "SortOrder": "Descending",
}
START = {
    "PipelineName": "mammography-train",
    "PipelineExecutionDisplayName": OWN,
    "PipelineExecutionDescription": REASON,
    "PipelineParameters": [
        {"Name": "DriftedBatchUri", "Value": BATCH},
        {"Name": "DriftedBatchVersion", "Value": "v1"},
    ],
    "ClientRequestToken": TOKEN,
}
STARTED = {"started": f"{PIPELINE}/execution/new", "reason": REASON}


def execution(name: str, status: str, minutes_ago: float, display: str = "") -> dict[str, Any]:
    return {
        "PipelineExecutionArn": f"{PIPELINE}/execution/{name}",
        "PipelineExecutionStatus": status,
        "StartTime": NOW - datetime.timedelta(minutes=minutes_ago),
        "PipelineExecutionDisplayName": display or name,
    }


def page(*executions: dict[str, Any], token: str | None = None) -> dict[str, Any]:
    return {
        "PipelineExecutionSummaries": list(executions),
        **({"NextToken": token} if token else {}),
    }


def candidates(calls: Stubber, **batches: tuple[str, str]) -> None:
    """Let the group have pending versions by number, each trained for a batch of a version."""
    arns = {number: f"{REGISTRY}:model-package/mammography/{number}" for number in batches}
    summaries = [
        {
            "ModelPackageArn": arn,
            "ModelPackageStatus": "Completed",
            "ModelPackageGroupName": "mammography",
            "CreationTime": NOW,
        }
        for arn in arns.values()
    ]
    calls.add_response("list_model_packages", {"ModelPackageSummaryList": summaries}, PENDING)
    for number, (uri, version) in batches.items():
        described = {
            "ModelPackageName": "mammography",
            "ModelPackageArn": arns[number],
            "CreationTime": NOW,
            "ModelPackageStatus": "Completed",
            "ModelPackageStatusDetails": {"ValidationStatuses": []},
            "CustomerMetadataProperties": {
                "drifted_batch_uri": uri,
                "drifted_batch_version": version,
            },
        }
        calls.add_response("describe_model_package", described, {"ModelPackageName": arns[number]})


def starts(calls: Stubber) -> None:
    answer = {"PipelineExecutionArn": STARTED["started"]}
    calls.add_response("start_pipeline_execution", answer, START)


def test_start__no_recent_execution__starts_one_with_the_batch(stub: MakeStub) -> None:
    sagemaker, calls = stub("sagemaker")
    calls.add_response("list_pipeline_executions", page(token="1"), LIST)
    old = execution("old", "Failed", 60.1)
    calls.add_response("list_pipeline_executions", page(old), {**LIST, "NextToken": "1"})
    candidates(calls)
    starts(calls)
    assert start(DRIFT, TARGETS, sagemaker) == STARTED
    calls.assert_no_pending_responses()


@pytest.mark.parametrize("status", ["Executing", "Stopping"])
def test_start__execution_still_running__starts_nothing(stub: MakeStub, status: str) -> None:
    sagemaker, calls = stub("sagemaker")
    calls.add_response("list_pipeline_executions", page(execution("long", status, 600)), LIST)
    assert start(DRIFT, TARGETS, sagemaker) == {
        "started": None,
        "reason": f"{PIPELINE}/execution/long is {status}",
    }


def test_start__running_execution_behind_an_empty_page__is_seen(stub: MakeStub) -> None:
    sagemaker, calls = stub("sagemaker")
    calls.add_response("list_pipeline_executions", page(token="1"), LIST)
    running = execution("long", "Executing", 600)
    calls.add_response("list_pipeline_executions", page(running), {**LIST, "NextToken": "1"})
    assert start(DRIFT, TARGETS, sagemaker)["started"] is None


@pytest.mark.parametrize("minutes_ago", [60, 5, -1])
def test_start__execution_within_cool_down__starts_nothing(
    stub: MakeStub, minutes_ago: float
) -> None:
    sagemaker, calls = stub("sagemaker")
    recent = execution("recent", "Succeeded", minutes_ago)
    calls.add_response("list_pipeline_executions", page(recent), LIST)
    assert start(DRIFT, TARGETS, sagemaker) == {
        "started": None,
        "reason": f"{PIPELINE}/execution/recent started within the cool-down of 3600 s",
    }


@pytest.mark.parametrize("status", ["Executing", "Succeeded", "Failed"])
def test_start__same_event_again__answers_with_the_execution_it_has_started(
    stub: MakeStub, status: str
) -> None:
    sagemaker, calls = stub("sagemaker")
    other, own = execution("other", "Executing", -9), execution("new", status, -0.1, OWN)
    calls.add_response("list_pipeline_executions", page(other, own), LIST)
    assert start(DRIFT, TARGETS, sagemaker) == STARTED


def test_start__same_model_and_batch_in_a_later_run__starts_nothing(stub: MakeStub) -> None:
    sagemaker, calls = stub("sagemaker")
    own = execution("before", "Succeeded", 24 * 60, OWN)
    calls.add_response("list_pipeline_executions", page(own), LIST)
    assert start(DRIFT, TARGETS, sagemaker) == {
        "started": None,
        "reason": f"{PIPELINE}/execution/before was started for this model version and batch "
        "before",
    }


def test_start__candidate_of_this_very_batch_awaits_approval__starts_nothing(
    stub: MakeStub,
) -> None:
    sagemaker, calls = stub("sagemaker")
    calls.add_response("list_pipeline_executions", page(), LIST)
    candidates(calls, **{"3": ("s3://data/other.csv", "v1"), "2": (BATCH, "v1")})
    assert start(DRIFT, TARGETS, sagemaker) == {
        "started": None,
        "reason": f"{REGISTRY}:model-package/mammography/2, trained on this very batch, "
        "awaits approval",
    }


def test_start__candidate_of_an_older_version_of_the_batch__starts_one(stub: MakeStub) -> None:
    sagemaker, calls = stub("sagemaker")
    calls.add_response("list_pipeline_executions", page(), LIST)
    candidates(calls, **{"2": (BATCH, "v0")})
    starts(calls)
    assert start(DRIFT, TARGETS, sagemaker) == STARTED


def run(calls: Stubber, arn: str, batch: str, *steps: str) -> None:
    """Let an execution of the inference pipeline have resolved a batch and run steps."""
    outputs = [{"Name": "batch_uri", "Value": batch}] if batch else []
    resolved = {"Lambda": {"Arn": "arn:aws:lambda:x:1:function:f", "OutputParameters": outputs}}
    rows = [{"StepName": "ResolveBatch", "Metadata": resolved}]
    rows += [{"StepName": step, "Metadata": {}} for step in steps]
    calls.add_response(
        "list_pipeline_execution_steps",
        {"PipelineExecutionSteps": rows},
        {"PipelineExecutionArn": arn},
    )


@pytest.mark.parametrize(
    ("policy", "started"),
    [((1, 3), True), ((2, 3), True), ((3, 3), False), ((2, 2), False)],
)
def test_start__policy_of_several_batches__counts_each_batch_by_its_newest_run(
    stub: MakeStub, policy: tuple[int, int], started: bool
) -> None:
    sagemaker, calls = stub("sagemaker")
    calls.add_response("list_pipeline_executions", page(), LIST)
    candidates(calls)
    runs = [
        execution("this", "Executing", 1),
        execution("later", "Succeeded", -5),
        execution("clean", "Succeeded", 10),
        execution("broken", "Failed", 20),
        execution("drifted", "Failed", 30),
    ]
    calls.add_response("list_pipeline_executions", page(*runs), WATCH)
    arns = {one["PipelineExecutionDisplayName"]: one["PipelineExecutionArn"] for one in runs}
    run(calls, arns["this"], BATCH, "EmitDrift")
    run(calls, arns["clean"], "s3://data/a", "PrepareBatch")
    if policy[1] > 2:
        run(calls, arns["broken"], "s3://data/lost", "PrepareBatch")
        run(calls, arns["drifted"], "s3://data/b", "EmitDrift", "DataDriftDetected")
    if started:
        starts(calls)
    targets = {"mammography": {**TARGET, "drifted_batches": policy[0], "of_batches": policy[1]}}
    outcome = start(DRIFT, targets, sagemaker)
    drifted, looked_at = (2, 3) if policy[1] > 2 else (1, 2)
    reason = (
        f"{drifted} of the last {looked_at} batches drifted; training starts at "
        f"{policy[0]} of {policy[1]}"
    )
    assert outcome == (STARTED if started else {"started": None, "reason": reason})


def test_start__unknown_use_case__calls_nothing(stub: MakeStub) -> None:
    sagemaker, _ = stub("sagemaker")
    with pytest.raises(NoRetrain, match="no pipeline is configured to retrain 'other'"):
        start(dataclasses.replace(DRIFT, use_case="other"), TARGETS, sagemaker)


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (STARTED, "started"),
        ({"started": None, "reason": f"{PIPELINE}/execution/long is Executing"}, "skipped"),
    ],
)
def test_record_of__decision__says_what_was_decided_and_why(outcome: Any, said: str) -> None:
    function = "arn:aws:lambda:eu-west-1:444444444444:function:start-retrain"
    place = Place("prod", "444444444444", function)
    record = record_of(DRIFT, outcome, place)
    assert {key: value for key, value in record.document().items() if value} == {
        "kind": "retrain",
        "at": "2026-01-02T06:00:00.000000Z",
        "actor": function,
        "account_id": "444444444444",
        "environment": "prod",
        "use_case": "mammography",
        "model_package_arn": MODEL,
        "reason": outcome["reason"],
        "outcome": said,
        "details": {
            "batch_uri": BATCH,
            "batch_version": "v1",
            "violations_uri": VIOLATIONS,
            "worst_features": WORST,
            "found_by": "abc",
            "execution_arn": outcome["started"] or "",
        },
    }


@pytest.mark.parametrize("key", [key for key in DETAIL if key not in ("model_version", "summary")])
def test_drift_of__event_that_lacks_a_key__is_an_error(key: str) -> None:
    detail = {name: value for name, value in DETAIL.items() if name != key}
    with pytest.raises(KeyError, match=key):
        drift_of({"id": "e1", "time": "2026-01-02T06:00:00Z", "detail": detail})


def test_token__other_model_batch_or_version__is_another() -> None:
    others: list[Drift] = [
        dataclasses.replace(DRIFT, model_package_arn=f"{MODEL}0"),
        dataclasses.replace(DRIFT, batch_uri=f"{BATCH}0"),
        dataclasses.replace(DRIFT, batch_version="v2"),
    ]
    assert len({DRIFT.token, *(other.token for other in others)}) == 4
    assert dataclasses.replace(DRIFT, event_id="e2", at=NOW).token == DRIFT.token
