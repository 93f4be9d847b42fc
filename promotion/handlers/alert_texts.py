"""What an alert says: for a phone, so short lines, the answer first.

What happened, where, since when, what to do, and a link; in plain text. Reads, writes and calls
nothing. A template of the standard library: functions have no Jinja2.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from string import Template
from typing import Any

from promotion.handlers.alert_advice import advice
from promotion.handlers.alert_links import log_link, object_link, registry_link

FAILED = "SageMaker Model Building Pipeline Execution Step Status Change"
DRIFTED = "Data Drift Detected"
WARNED = "Data Quality Warning"
DECIDED = "SageMaker Model Package State Change"

LONGEST_SUBJECT = 99  # characters; SNS takes fewer than 100: API_Publish.html, Subject
LONGEST_REASON = 500
BODY = Template(
    """$what

Where: $where
Since: $since
$facts

What to do: $todo

$link
"""
)


class UnknownEvent(Exception):
    """There is no text for events of this kind."""


@dataclass(frozen=True)
class Habits:
    """What happens by itself in this environment.

    Attributes:
        name: name of the project and the environment.
        use_cases: use case of each pipeline, by the pipeline's name.
        retrained: use cases that drift trains by itself.
        approved: by model package group, the pipeline that an approval starts by itself.
    """

    name: str
    use_cases: Mapping[str, str]
    retrained: frozenset[str]
    approved: Mapping[str, str]


@dataclass(frozen=True)
class Alert:
    """One message.

    Attributes:
        subject: one line of ASCII.
        body: plain text.
        fact: the same for events that tell of the same thing: people are told once.
    """

    subject: str
    body: str
    fact: str


def alert_of(event: Mapping[str, Any], habits: Habits) -> Alert:
    """Return what people are told of an event.

    Raises:
        UnknownEvent: there is no text for it.
        KeyError: the event lacks a key.
    """
    kind = event["detail-type"]
    if kind in (DRIFTED, WARNED):
        return _quality(event, habits)
    if kind == FAILED:
        return _failure(event, habits)
    if kind == DECIDED:
        return _decision(event, habits)
    raise UnknownEvent(f"no alert is written for {kind!r} events")


def _quality(event: Mapping[str, Any], habits: Habits) -> Alert:
    detail = event["detail"]
    use_case, batch = detail["use_case"], "/".join(detail["batch_uri"].split("/")[-2:])
    drifted = event["detail-type"] == DRIFTED
    what = f"Data drift in {use_case}: batch {batch} was not scored."
    todo = (
        "Look at the violations. Training starts by itself unless the policy or a running one "
        "forbids it (promote history says); a new version serves once it is approved."
        if use_case in habits.retrained
        else "Look at the violations. Nothing trains by itself here: start the train pipeline if "
        "the drift is real."
    )
    if not drifted:
        what = f"Data quality warning in {use_case}: batch {batch} was scored all the same."
        todo = (
            "Look at the violations; tell whoever delivers the batch. Nothing else has to be done."
        )
    facts = [
        f"Found: {detail['summary']}",
        f"Worst: {detail['worst_features']}",
        f"Batch: {detail['batch_uri']}",
        f"Model: version {detail['model_version']}",
        f"Run: {detail['pipeline_execution_id']}",
    ]
    return worded(
        what,
        event=event,
        habits=habits,
        facts=facts,
        todo=todo,
        link=object_link(detail["violations_uri"], event["region"]),
        fact=f"{event['detail-type']}|{detail['model_package_arn']}|{detail['batch_uri']}"
        f"|{detail['batch_version']}",
    )


def _failure(event: Mapping[str, Any], habits: Habits) -> Alert:
    detail = event["detail"]
    pipeline = detail["pipelineArn"].rpartition("/")[2]
    use_case = habits.use_cases.get(pipeline, pipeline)
    reason = detail.get("failureReason") or "SageMaker gives no reason"
    step = detail["stepName"]
    return worded(
        f"{use_case}: step {step} of {pipeline} failed. No training was started by this.",
        event=event,
        habits=habits,
        facts=[
            f"Reason: {reason[:LONGEST_REASON]}",
            f"Run: {detail['pipelineExecutionArn'].rpartition('/')[2]}",
        ],
        todo=advice(reason),
        link=log_link(detail.get("stepType", ""), event["region"]),
        # One run, one alert: steps beside the first that failed fail with it.
        fact=f"{FAILED}|{detail['pipelineExecutionArn']}",
    )


def _decision(event: Mapping[str, Any], habits: Habits) -> Alert:
    detail = event["detail"]
    group, version = detail["ModelPackageGroupName"], detail["ModelPackageVersion"]
    status = detail["ModelApprovalStatus"].lower()
    started = habits.approved.get(group) if status == "approved" else None
    todo = "Nothing. The next inference run takes the newest approved version."
    if started:
        todo = f"Nothing. The {started} pipeline is started by itself."
    return worded(
        f"{group}: version {version} was {status}.",
        event=event,
        habits=habits,
        facts=[
            f"Reason: {(detail.get('ApprovalDescription') or 'none was given')[:LONGEST_REASON]}",
            f"Model: {detail['ModelPackageArn']}",
        ],
        todo=todo,
        link=registry_link(event["region"]),
        fact=f"{DECIDED}|{detail['ModelPackageArn']}|{status}|{event['time']}",
    )


def worded(
    what: str,
    *,
    event: Mapping[str, Any],
    habits: Habits,
    facts: list[str],
    todo: str,
    link: str,
    fact: str,
) -> Alert:
    """Return an alert: what happened, where and since when, the facts, what to do, and a link.

    Args:
        what: what happened, in a sentence.
        event: the event that tells of it.
        habits: of the environment.
        facts: lines.
        todo: what to do.
        link: where to look.
        fact: the same for events that tell of the same thing.
    """
    body = BODY.substitute(
        what=what,
        where=f"{habits.name}, account {event['account']}, {event['region']}",
        since=event["time"].replace("T", " ").replace("Z", " UTC"),
        facts="\n".join(facts),
        todo=todo,
        link=link,
    )
    subject = f"[{habits.name}] {what}".encode("ascii", "replace").decode()
    return Alert(subject[:LONGEST_SUBJECT], body, fact)
