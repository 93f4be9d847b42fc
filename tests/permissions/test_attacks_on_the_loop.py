"""Attacks on the loop: starting what is not one's own, and forging what starts it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.demo.story import USE_CASE

from .attack import denied, nothing, works_for

if TYPE_CHECKING:
    from .attack import Attacker, Ground

# One process applies the Terraform of all of these tests once.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("estate")]

START = "sagemaker:StartPipelineExecution"
TOKEN = "attack" * 8


@pytest.mark.parametrize(
    ("person", "key", "suffix"),
    [
        ("", "deploy", ""),
        ("", "execution", f"-{USE_CASE}"),
        ("data-scientist", "", ""),
        ("dev-admin", "", ""),
    ],
)
def test_prods_pipeline__started_from_dev__is_denied(
    ground: Ground, attacker: Attacker, person: str, key: str, suffix: str
) -> None:
    """Nobody of dev starts a pipeline of prod, its administrator included."""
    arn = ground.pipeline_arn("prod", "train")
    denied(
        attacker.person(person) if person else attacker.by_purpose("dev", key, suffix),
        lambda client: client.start_pipeline_execution(PipelineName=arn, ClientRequestToken=TOKEN),
        service="sagemaker", action=START, resource=arn, state=lambda: ground.executions("prod"),
    )  # fmt: skip


@pytest.mark.parametrize("suffix", ["-resolve-model", "-resolve-batch", "-emit-drift", "-notify"])
def test_training__started_by_a_function_that_is_not_for_it__is_denied(
    ground: Ground, attacker: Attacker, suffix: str
) -> None:
    """Each function has a role of its own: only start-retrain starts a training."""
    arn = ground.pipeline_arn("prod", "train")
    denied(
        attacker.by_purpose("prod", "lambda", suffix),
        lambda client: client.start_pipeline_execution(PipelineName=arn, ClientRequestToken=TOKEN),
        service="sagemaker", action=START, resource=arn, state=lambda: ground.executions("prod"),
    )  # fmt: skip


def test_training__started_by_the_schedules_role__is_denied(
    ground: Ground, attacker: Attacker
) -> None:
    """The role with which the schedule starts inference starts no training."""
    arn = ground.pipeline_arn("prod", "train")
    roles = [
        role for role in ground.roles("prod") if role.startswith(ground.role("prod", "events"))
    ]
    assert roles
    for role in roles:
        denied(
            attacker.role("prod", role),
            lambda client: client.start_pipeline_execution(
                PipelineName=arn, ClientRequestToken=TOKEN
            ),
            service="sagemaker", action=START, resource=arn,
            state=lambda: ground.executions("prod"),
        )  # fmt: skip


@pytest.mark.parametrize(
    ("suffix", "service", "action"),
    [
        ("-start-retrain", "s3", "s3:GetObject"),
        ("-emit-drift", "s3", "s3:GetObject"),
        ("-notify", "s3", "s3:GetObject"),
        ("-resolve-model", "s3", "s3:GetObject"),
    ],
)
def test_batches__read_by_a_function_that_is_not_for_them__is_denied(
    ground: Ground, attacker: Attacker, suffix: str, service: str, action: str
) -> None:
    """Only resolve-batch looks at batches; the others' roles do not reach the data bucket."""
    bucket, key = ground.bucket("prod"), f"{USE_CASE}/batches/2026-01-01/batch.csv"
    denied(
        attacker.by_purpose("prod", "lambda", suffix),
        lambda client: client.get_object(Bucket=bucket, Key=key),
        service=service, action=action, resource=f"arn:aws:s3:::{bucket}/{key}", state=nothing,
    )  # fmt: skip


def drift_event(ground: Ground, **changed: str) -> dict[str, Any]:
    return {
        "Source": "promotion.data-quality",
        "DetailType": "Data Drift Detected",
        "EventBusName": ground.arn("prod", "events", "event-bus/default"),
        "Detail": json.dumps({
            "use_case": USE_CASE, "model_package_arn": ground.package_arn(1),
            "batch_uri": "s3://forged/batch.csv", "violations_uri": "s3://forged/violations.json",
        }),
        **changed,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("person", "key", "suffix"),
    [
        ("", "lambda", "-emit-drift"),
        ("", "execution", f"-{USE_CASE}"),
        ("", "deploy", ""),
        ("dev-admin", "", ""),
    ],
)
def test_drift__announced_to_prod_by_dev__is_denied(
    ground: Ground, attacker: Attacker, person: str, key: str, suffix: str
) -> None:
    """A fake drift event from dev does not reach prod's bus, and trains nothing there."""
    event, before = drift_event(ground), ground.deliveries()
    actor = attacker.person(person) if person else attacker.by_purpose("dev", key, suffix)
    # Another account's bus refuses an entry, not the call.
    answer = actor.client("events").put_events(Entries=[event])
    assert answer["FailedEntryCount"] == 1
    assert answer["Entries"][0]["ErrorCode"] == "AccessDeniedException"
    message = answer["Entries"][0]["ErrorMessage"]
    assert f"{actor.arn} is not authorized to perform: events:PutEvents" in message
    assert event["EventBusName"] in message
    assert ground.deliveries() == before


@pytest.mark.parametrize(
    ("key", "suffix"),
    [("execution", f"-{USE_CASE}"), ("lambda", "-resolve-batch"), ("lambda", "-start-retrain")],
)
def test_drift__announced_in_prod_by_others_than_its_function__is_denied(
    ground: Ground, attacker: Attacker, key: str, suffix: str
) -> None:
    """Within prod only emit-drift announces drift: a training step cannot start the next one."""
    event = drift_event(ground)
    denied(
        attacker.by_purpose("prod", key, suffix),
        lambda client: client.put_events(Entries=[event]), service="events",
        action="events:PutEvents", resource=event["EventBusName"],
        state=lambda: [ground.deliveries(), ground.executions("prod")],
    )  # fmt: skip


@pytest.mark.parametrize(
    "changed", [{"Source": "promotion.registry"}, {"DetailType": "Model Version Approved"}]
)
def test_other_events__sent_by_the_drift_function__are_denied(
    ground: Ground, attacker: Attacker, changed: dict[str, str]
) -> None:
    """emit-drift announces drift and nothing else: no forged approvals."""
    event = drift_event(ground, **changed)
    denied(
        attacker.by_purpose("prod", "lambda", "-emit-drift"),
        lambda client: client.put_events(Entries=[event]), service="events",
        action="events:PutEvents", resource=event["EventBusName"], state=ground.deliveries,
    )  # fmt: skip


def test_events__sent_by_prods_administrator__work(ground: Ground, attacker: Attacker) -> None:
    """The same request is well-formed; this event is of a source that no rule listens to."""
    event = drift_event(ground, Source="promotion.test")

    def send(client: Any) -> None:
        assert client.put_events(Entries=[event])["FailedEntryCount"] == 0

    works_for(attacker.person("prod-admin"), send, service="events")


@pytest.mark.parametrize(
    ("key", "suffix"), [("execution", f"-{USE_CASE}"), ("lambda", "-emit-drift"), ("deploy", "")]
)
def test_alerts__forged__are_denied(
    ground: Ground, attacker: Attacker, key: str, suffix: str
) -> None:
    """Only rules, alarms and notify write alerts: no pipeline, no other function, no Jenkins."""
    topic = ground.arn("prod", "sns", ground.settings["prod"]["alerts"]["topic"])
    inbox = ground.estate.story.inbox
    denied(
        attacker.by_purpose("prod", key, suffix),
        lambda client: client.publish(TopicArn=topic, Message="all is well"), service="sns",
        action="sns:Publish", resource=topic, state=lambda: len(inbox()),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("key", "suffix"),
    [
        ("execution", f"-{USE_CASE}"),
        ("lambda", "-emit-drift"),
        ("lambda", "-record-execution"),
        ("lambda", "-resolve-batch"),
        ("lambda", "-start-retrain"),
        ("deploy", ""),
        ("plan", ""),
    ],
)
def test_alert_note__written_by_another_than_notify__is_denied(
    ground: Ground, attacker: Attacker, key: str, suffix: str
) -> None:
    """Who could note that people were told of a drift could keep it from them."""
    bucket, note = ground.bucket("prod"), f"alerts/{'0' * 64}.json"
    denied(
        attacker.by_purpose("prod", key, suffix),
        lambda client: client.put_object(Bucket=bucket, Key=note, Body=b"{}"), service="s3",
        action="s3:PutObject", resource=f"arn:aws:s3:::{bucket}/{note}",
        state=lambda: ground.objects("prod", prefix="alerts/"),
    )  # fmt: skip


def test_alert_note__written_again_by_notify__is_denied(ground: Ground, attacker: Attacker) -> None:
    """Who could write a note anew could have people told of the same thing again and again."""
    bucket, note = ground.bucket("prod"), f"alerts/{'0' * 64}.json"
    denied(
        attacker.by_purpose("prod", "lambda", "-notify"),
        lambda client: client.put_object(Bucket=bucket, Key=note, Body=b"{}"), service="s3",
        action="s3:PutObject", resource=f"arn:aws:s3:::{bucket}/{note}",
        state=lambda: ground.objects("prod", prefix="alerts/"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("key", "suffix"), [("execution", f"-{USE_CASE}"), ("lambda", "-emit-drift"), ("plan", "")]
)
def test_notify__invoked_with_a_forged_event__is_denied(
    ground: Ground, attacker: Attacker, key: str, suffix: str
) -> None:
    """Only rules hand events to the function that tells people."""
    name = ground.name("prod", "notify")
    denied(
        attacker.by_purpose("prod", key, suffix),
        lambda client: client.invoke(FunctionName=name, Payload=b"{}"), service="lambda",
        action="lambda:InvokeFunction", resource=ground.arn("prod", "lambda", f"function:{name}"),
        state=lambda: len(ground.estate.story.inbox()),
    )  # fmt: skip


@pytest.mark.parametrize("key", ["deploy", "plan", "build"])
def test_build_alerts__forged_by_another_than_jenkins__are_denied(
    ground: Ground, attacker: Attacker, key: str
) -> None:
    """That a build has recovered is Jenkins' to say."""
    project = ground.settings["tooling"]["project"]
    topic = ground.arn("tooling", "sns", f"{project}-jenkins-alerts")
    denied(
        attacker.by_purpose("tooling", key),
        lambda client: client.publish(TopicArn=topic, Message="recovered"), service="sns",
        action="sns:Publish", resource=topic, state=lambda: len(ground.estate.story.inbox()),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("key", "suffix"), [("execution", f"-{USE_CASE}"), ("lambda", "-resolve-batch"), ("plan", "")]
)
def test_dead_letters__read_or_purged__is_denied(
    ground: Ground, attacker: Attacker, key: str, suffix: str
) -> None:
    """What failed stays in its queue until a person looks: it is not purged by the culprit."""
    admin = ground.admin("sqs", "prod")
    url = sorted(admin.list_queues()["QueueUrls"])[0]
    denied(
        attacker.by_purpose("prod", key, suffix),
        lambda client: client.purge_queue(QueueUrl=url), service="sqs", action="sqs:PurgeQueue",
        resource=ground.arn("prod", "sqs", url.rsplit("/", 1)[-1]),
        state=lambda: admin.get_queue_attributes(
            QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"]
        )["Attributes"],
    )  # fmt: skip


def test_pipeline__rewrites_its_own_definition__is_denied(
    ground: Ground, attacker: Attacker
) -> None:
    """A step of a pipeline cannot change what the pipeline does next time."""
    name = ground.settings["prod"]["use_cases"][USE_CASE]["pipelines"]["train"]
    admin = ground.admin("sagemaker", "prod")
    denied(
        attacker.by_purpose("prod", "execution", f"-{USE_CASE}"),
        lambda client: client.update_pipeline(PipelineName=name, PipelineDefinition="{}"),
        service="sagemaker", action="sagemaker:UpdatePipeline",
        resource=ground.pipeline_arn("prod", "train"),
        state=lambda: admin.describe_pipeline(PipelineName=name)["PipelineDefinition"],
    )  # fmt: skip
