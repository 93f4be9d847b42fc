"""Lambda: starts one training run for a drift event, or says why it does not.

Calls what `retrain_reasons` calls, sagemaker StartPipelineExecution on the pipeline that the
environment variable RETRAIN names for the event's use case, and hands every decision to the
ledger's function LEDGER_FUNCTION_ARN. Standard library, boto3 and `promotion.ledger` only.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict

import boto3

from promotion.handlers.drift import Drift, drift_of, target_of
from promotion.handlers.ledger_client import submit
from promotion.handlers.retrain_reasons import too_few_drifted, training, waiting_candidate
from promotion.ledger.check import record_from
from promotion.ledger.moments import timestamp
from promotion.ledger.record import Record

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

STARTED, SKIPPED = "started", "skipped"
LONGEST_DESCRIPTION = 3072  # characters: StartPipelineExecution, PipelineExecutionDescription


class NoRetrain(Exception):
    """The use case is not configured to be retrained."""


class Outcome(TypedDict):
    """ARN of the execution that was started, or None; and why."""

    started: str | None
    reason: str


@dataclass(frozen=True)
class Place:
    """Where the function runs.

    Attributes:
        environment: name of the environment.
        account_id: its account.
        function_arn: the function's own ARN: who decides.
    """

    environment: str
    account_id: str
    function_arn: str


def handler(event: dict[str, Any], context: Any) -> Outcome:
    """Start training for a "Data Drift Detected" event, unless something stands against it."""
    drift = drift_of(event)
    outcome = start(drift, json.loads(os.environ["RETRAIN"]), boto3.client("sagemaker"))
    place = Place(os.environ["ENVIRONMENT"], event["account"], context.invoked_function_arn)
    record = record_of(drift, outcome, place)
    # An execution is recorded once, and of the same event each decision, however often it comes.
    token = f"retrain/{outcome['started'] or drift.event_id}/{record.outcome}"
    submit(record, token, os.environ["LEDGER_FUNCTION_ARN"], boto3.client("lambda"))
    return outcome


def start(
    drift: Drift, targets: Mapping[str, Mapping[str, Any]], sagemaker: "SageMakerClient"
) -> Outcome:
    """Start the use case's pipeline with the drifted batch, unless something stands against it.

    Delivered again, late or in parallel, the same event finds or gets the one execution that it
    has started, and answers the same.

    Args:
        drift: what has drifted.
        targets: by use case, the keys of `Target`.
        sagemaker: SageMaker client.

    Raises:
        NoRetrain: there is no target for the use case.
        ClientError: SageMaker fails.
    """
    if drift.use_case not in targets:
        raise NoRetrain(f"no pipeline is configured to retrain {drift.use_case!r}")
    target = target_of(targets[drift.use_case])
    found = training(drift, target, sagemaker)
    if found.own_since is not None:
        if found.own_since >= drift.at:
            return _started(found.own_arn, drift)
        return _skipped(f"{found.own_arn} was started for this model version and batch before")
    if found.busy:
        return _skipped(found.busy)
    if candidate := waiting_candidate(drift, target, sagemaker):
        return _skipped(f"{candidate}, trained on this very batch, awaits approval")
    if reason := too_few_drifted(drift, target, sagemaker):
        return _skipped(reason)
    arn = sagemaker.start_pipeline_execution(
        PipelineName=target.pipeline_name,
        PipelineExecutionDisplayName=drift.display_name,
        PipelineExecutionDescription=_reason(drift)[:LONGEST_DESCRIPTION],
        PipelineParameters=[
            {"Name": "DriftedBatchUri", "Value": drift.batch_uri},
            {"Name": "DriftedBatchVersion", "Value": drift.batch_version},
        ],
        # In parallel, the same drift starts the same execution.
        ClientRequestToken=drift.token,
    )["PipelineExecutionArn"]
    return _started(arn, drift)


def _reason(drift: Drift) -> str:
    return f"data drift in {drift.batch_uri}: {drift.worst_features}"


def _started(arn: str, drift: Drift) -> Outcome:
    return Outcome(started=arn, reason=_reason(drift))


def _skipped(reason: str) -> Outcome:
    return Outcome(started=None, reason=reason)


def record_of(drift: Drift, outcome: Outcome, place: Place) -> Record:
    """Return what the ledger shall say of a decision."""
    return record_from(
        {
            "kind": "retrain",
            "at": timestamp(drift.at),
            "actor": place.function_arn,
            "account_id": place.account_id,
            "environment": place.environment,
            "use_case": drift.use_case,
            "model_package_arn": drift.model_package_arn,
            "reason": outcome["reason"],
            "outcome": STARTED if outcome["started"] else SKIPPED,
            "details": {
                "batch_uri": drift.batch_uri,
                "batch_version": drift.batch_version,
                "violations_uri": drift.violations_uri,
                "worst_features": drift.worst_features,
                "found_by": drift.pipeline_execution_id,
                "execution_arn": outcome["started"] or "",
            },
        }
    )
