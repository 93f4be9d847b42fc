"""Acts that nobody does: schedules, drift, failures and decisions, and what follows by rule."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sandbox.demo.commands import DemoFailed
from sandbox.demo.story import SCHEDULE_HOUR, USE_CASE
from sandbox.proof.acts import Act
from sandbox.proof.acts.people import (
    acting_as,
    approved,
    decide,
    newest,
    rejected,
    served,
    version_without_files,
)
from sandbox.proof.acts.pipelines import present, remove, with_drifted_batch

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sandbox.proof.estate import Estate

_SETTLE_SECONDS = 120
_DRIFT = "Data Drift Detected"
# Functions whose events are kept when they fail, and where.
_KEEPERS = (
    ("registry", "ledger", "ledger"),
    ("registry", "approval-review", "approval-review"),
    *(
        (environment, function, queue)
        for environment in ("dev", "prod")
        for function, queue in (("record-execution", "record-execution"), ("notify", "alerts"))
    ),
)

_OF_PIPELINES = ("emit-drift", "notify", "record-execution", "resolve-batch", "resolve-model")
_FUNCTIONS = {
    "registry": (
        "approval-review",
        "ledger",
        "ledger-dev",
        "ledger-prod",
        "ledger-registry",
        "ledger-tooling",
    ),
    "dev": _OF_PIPELINES,
    "prod": (*_OF_PIPELINES, "start-retrain"),
}


def acts() -> tuple[Act, ...]:
    """Return the acts."""
    in_prod = partial(_ready, "batches/clean-1.csv")
    drifted = partial(_ready, "batches/drifted-age.csv")
    return (
        Act("score the scheduled batch in prod", _scheduled, in_prod),
        Act("announce drift and train on it in prod", _retrained, drifted),
        Act("alert people to drift in prod", partial(_alerted, "drift"), drifted),
        Act(
            "alert people to a failed step in prod",
            partial(_alerted, "failed"),
            partial(_ready, ""),
        ),
        Act("tell people of a decision on a model", _told_of_decision, _rejected_before),
        Act("alert people to an approval against the checks", _reviewed),
        Act("check an approval after the fact", _checked, approved),
        Act("start inference on an approval in prod", _started_on_approval, _before_approval),
        Act("record an execution in the ledger", _recorded, in_prod),
        Act("record an approval in the ledger", _approval_recorded, rejected),
        Act("keep an event that start-retrain cannot handle", _kept_by_function, _untrainable),
        Act("keep an event that reaches no target", _kept_by_rule, _before_approval),
        Act("keep a scheduled start that reaches no pipeline", _kept_schedule, in_prod),
        Act("announce drift in dev", _drift_in_dev, with_drifted_batch),
        *(
            Act(
                f"keep an event that {function} cannot handle in {environment}",
                partial(_kept_invocation, environment, function, queue),
            )
            for environment, function, queue in _KEEPERS
        ),
        *(
            Act(f"tell people of one drift once in {environment}", partial(_told_once, environment))
            for environment in ("dev", "prod")
        ),
        Act("tell people of one decision once in registry", _decision_told_once),
        *(
            Act(
                f"log what {function} does in {environment}",
                partial(_logged, environment, function),
            )
            for environment, functions in _FUNCTIONS.items()
            for function in functions
        ),
    )


def _next_morning(estate: Estate) -> datetime:
    now = estate.story.now()
    due = now.replace(hour=SCHEDULE_HOUR, minute=0, second=0, microsecond=0)
    return due + timedelta(days=1) if due <= now else due


def _ready(batch: str, estate: Estate) -> None:
    """Deliver a batch for the next scheduled day in prod; none where its name is empty.

    Acts are a day apart: no cool-down of an earlier one is left.
    """
    prod = estate.story.prod
    present("prod", estate)
    served(estate)
    for part in ("part-1", "part-2"):
        prod.put(f"{USE_CASE}/training/{part}.csv", _file(estate, f"training/{part}.csv"))
    if batch:
        date = _next_morning(estate).date().isoformat()
        prod.put(f"{USE_CASE}/batches/{date}/batch.csv", _file(estate, batch))


def _file(estate: Estate, name: str) -> Any:
    return estate.story.build / "data" / name


def _morning(estate: Estate) -> None:
    """Let the schedule fire, and everything that follows from it come to its end."""
    estate.sandbox.scheduler.advance_to(_next_morning(estate), settle_seconds=_SETTLE_SECONDS)


def _new_executions(estate: Estate, key: str, doing: Callable[[Estate], None]) -> list[str]:
    """Return how each execution of a pipeline of prod ended that something has started."""
    prod = estate.story.prod
    name = prod.pipeline_name(USE_CASE, key)
    before = len(prod.executions(name))
    doing(estate)
    sagemaker = prod.client("sagemaker")
    return [
        sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)["PipelineExecutionStatus"]
        for arn in prod.executions(name)[before:]
    ]


def _expect(seen: object, told: object, what: str) -> None:
    if seen != told:
        raise DemoFailed(f"{what}: {seen}, not {told}")


def _scheduled(estate: Estate) -> None:
    _expect(_new_executions(estate, "inference", _morning), ["Succeeded"], "scheduled inference")


def _retrained(estate: Estate) -> None:
    _expect(_new_executions(estate, "train", _morning), ["Succeeded"], "training after drift")


def _mails(estate: Estate, doing: Callable[[Estate], None], word: str) -> list[str]:
    """Return the accounts that got a message with a word while something was done."""
    before = len(estate.story.inbox())
    doing(estate)
    return sorted(
        mail["account"]
        for mail in estate.story.inbox()[before:]
        if word in f"{mail['subject']} {mail['body']}".lower()
    )


def _alerted(word: str, estate: Estate) -> None:
    told = [estate.story.prod.settings["account_id"]]
    _expect(_mails(estate, _morning, word), told, f"alerts about {word}")


def _approve(estate: Estate) -> None:
    decide("approve", estate)
    estate.sandbox.settle(_SETTLE_SECONDS)


def _rejected_before(estate: Estate) -> None:
    """Let a minute pass: the same decision at the same time is told once."""
    rejected(estate)
    estate.story.advance(estate.story.now() + timedelta(minutes=1))


def _told_of_decision(estate: Estate) -> None:
    told = sorted(
        estate.story.accounts[name].settings["account_id"] for name in ("registry", "dev", "prod")
    )
    _expect(_mails(estate, _approve, "was approved"), told, "accounts told of the decision")


def _reviewed(estate: Estate) -> None:
    told = [estate.story.accounts["registry"].settings["account_id"]]
    mails = _mails(estate, _approve_by_api, "approved against the checks")
    _expect(mails, told, "alerts about the approval")


def _approve_by_api(estate: Estate) -> None:
    """Approve a version that has no file, without `promote`: it does not stay approved.

    The environment files of the tests say so (`approval.reopen`).
    """
    with version_without_files(estate) as arn:
        acting_as(estate, "approver", "sagemaker").update_model_package(
            ModelPackageArn=arn, ModelApprovalStatus="Approved"
        )
        estate.sandbox.settle(_SETTLE_SECONDS)
        now = estate.client("sagemaker", "registry").describe_model_package(ModelPackageName=arn)
    _expect(now["ModelApprovalStatus"], "PendingManualApproval", "what the version is then")


def _checked(estate: Estate) -> None:
    """Have the newest version reviewed, and see that what is not accidental there was found."""
    latest = newest(estate)
    event = _decision(estate, latest["ModelPackageArn"], "Approved")
    answer = estate.client("lambda", "registry").invoke(
        FunctionName=_named(estate, "registry", "approval-review"), Payload=event
    )
    found = json.loads(answer["Payload"].read())
    passed = {"artifact", "baseline", "metrics", "release"} & set(found.get("passed", ()))
    _expect(len(passed), 4, f"checks that pass, of {found}")


def _before_approval(estate: Estate) -> None:
    _ready("batches/clean-1.csv", estate)
    rejected(estate)


def _started_on_approval(estate: Estate) -> None:
    _expect(len(_new_executions(estate, "inference", _approve)), 1, "inference runs started")


def _ledger_count(estate: Estate) -> int:
    table = estate.story.accounts["registry"].settings["ledger"]["table"]
    pages = estate.client("dynamodb", "registry").get_paginator("scan").paginate(TableName=table)
    return sum(page["Count"] for page in pages)


def _recorded(estate: Estate) -> None:
    before = _ledger_count(estate)
    _morning(estate)
    _expect(_ledger_count(estate) > before, True, "the ledger has grown by the execution")


def _approval_recorded(estate: Estate) -> None:
    before = _ledger_count(estate)
    _approve(estate)
    _expect(_ledger_count(estate) > before, True, "the ledger has grown by the approval")


def _count(estate: Estate, name: str, environment: str = "prod") -> int:
    """Return how many messages are in a dead-letter queue."""
    sqs = estate.client("sqs", environment)
    url = sqs.get_queue_url(QueueName=_named(estate, environment, f"{name}-dlq"))["QueueUrl"]
    attribute = "ApproximateNumberOfMessages"
    answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[attribute])
    return int(answer["Attributes"][attribute])


def _named(estate: Estate, environment: str, name: str) -> str:
    return f"{estate.story.accounts[environment].settings['project']}-{environment}-{name}"


def _untrainable(estate: Estate) -> None:
    """Take the train pipeline away, so that the function that starts it fails."""
    present("prod", estate)
    remove(estate.story.prod, "train")


def _kept_by_function(estate: Estate) -> None:
    before = _count(estate, "start-retrain")
    detail = _drift(estate, f"s3://proof/{estate.story.now().isoformat()}")
    estate.client("events", "prod").put_events(
        Entries=[{
            "Source": "promotion.data-quality", "DetailType": _DRIFT,
            "Detail": json.dumps(detail),
        }]
    )  # fmt: skip
    estate.sandbox.settle(_SETTLE_SECONDS)
    _expect(_count(estate, "start-retrain"), before + 1, "events in start-retrain's queue")


def _drift(estate: Estate, batch_uri: str) -> dict[str, str]:
    """Return the detail of an event of drift."""
    return {
        "use_case": USE_CASE,
        "model_package_arn": newest(estate)["ModelPackageArn"],
        "model_version": "1",
        "batch_uri": batch_uri,
        "batch_version": "1",
        "violations_uri": "s3://proof/violations.json",
        "worst_features": "none",
        "summary": "no violation",
        "pipeline_execution_id": "proof",
    }


def _kept_by_rule(estate: Estate) -> None:
    """Have no inference pipeline when an approval would start it."""
    remove(estate.story.prod, "inference")
    before = _count(estate, "start-approved")
    _approve(estate)
    _expect(_count(estate, "start-approved"), before + 1, "events in start-approved's queue")


def _kept_schedule(estate: Estate) -> None:
    """Have no inference pipeline when the schedule would start it."""
    remove(estate.story.prod, "inference")
    before = _count(estate, "schedule")
    _morning(estate)
    _expect(_count(estate, "schedule"), before + 1, "events in the schedule's queue")


def _drift_in_dev(estate: Estate) -> None:
    """Score a drifted batch: the run stops, and the people of dev are told."""

    def run(estate: Estate) -> None:
        estate.story.commands.promote(
            "run", "dev", USE_CASE, "inference", principal="jenkins", expect=1
        )

    told = [estate.story.dev.settings["account_id"]]
    _expect(sorted(set(_mails(estate, run, "drift"))), told, "alerts about drift")


def _kept_invocation(environment: str, function: str, queue: str, estate: Estate) -> None:
    """Hand a function what it cannot handle; it does not come back, its queue keeps it."""
    before = _count(estate, queue, environment)
    estate.client("lambda", environment).invoke(
        FunctionName=_named(estate, environment, function), InvocationType="Event", Payload=b"{}"
    )
    estate.sandbox.settle(_SETTLE_SECONDS)
    _expect(_count(estate, queue, environment), before + 1, f"events in {function}'s queue")


def _told_once(environment: str, estate: Estate) -> None:
    """Hand an event to the function that tells people, and again, as EventBridge may."""
    detail = _drift(estate, f"s3://proof/{uuid4().hex}/batch.csv")
    _told(estate, environment, "notify", _event(estate, environment, _DRIFT, detail), "drift")


def _decision_told_once(estate: Estate) -> None:
    with version_without_files(estate) as arn:
        event = _decision(estate, arn, "Rejected")
        _told(estate, "registry", "approval-review", event, "was rejected")


def _decision(estate: Estate, arn: str, status: str) -> str:
    """Return the event of a decision on a version."""
    group, version = arn.split("/")[1:]
    detail = {
        "ModelPackageArn": arn,
        "ModelPackageGroupName": group,
        "ModelPackageVersion": int(version),
        "ModelApprovalStatus": status,
    }
    return _event(estate, "registry", "SageMaker Model Package State Change", detail)


def _event(estate: Estate, environment: str, kind: str, detail: dict[str, Any]) -> str:
    settings = estate.story.accounts[environment].settings
    return json.dumps(
        {
            "detail-type": kind,
            "account": settings["account_id"],
            "region": settings["region"],
            "time": "2026-12-01T06:00:00Z",
            "detail": detail,
        }
    )


def _told(estate: Estate, environment: str, function: str, event: str, word: str) -> None:
    """Hand an event to a function twice, and see that one mail came."""

    def twice(estate: Estate) -> None:
        for _ in range(2):
            answer = estate.client("lambda", environment).invoke(
                FunctionName=_named(estate, environment, function), Payload=event
            )
            _expect(answer.get("FunctionError"), None, "failure to tell")

    told = [estate.story.accounts[environment].settings["account_id"]]
    _expect(_mails(estate, twice, word), told, f"mails with {word!r}")


def _logged(environment: str, function: str, estate: Estate) -> None:
    """Hand a function what it cannot handle, and find that in its log."""
    name = _named(estate, environment, function)
    before = _lines(estate, environment, name)
    estate.client("lambda", environment).invoke(FunctionName=name, Payload=b"{}")
    estate.sandbox.settle(_SETTLE_SECONDS)
    _expect(_lines(estate, environment, name) > before, True, f"the log of {name} has grown")


def _lines(estate: Estate, environment: str, function: str) -> int:
    pages = estate.client("logs", environment).get_paginator("filter_log_events")
    group = f"/aws/lambda/{function}"
    return sum(len(page["events"]) for page in pages.paginate(logGroupName=group))
