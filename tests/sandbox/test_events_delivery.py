"""Events from the bus to each kind of target, and what keeps them from arriving."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.server import Sandbox

PROD = "444444444444"
PATTERN = json.dumps({"source": ["promotion.data-quality"]})
RULE_ARN = f"arn:aws:events:eu-west-1:{PROD}:rule/drift"
ENTRY = {
    "Source": "promotion.data-quality",
    "DetailType": "Data Drift Detected",
    "Detail": json.dumps({"use_case": "mammography", "batch_uri": "s3://data/batch.csv"}),
}


def send(sandbox: Sandbox, **changes: Any) -> str:
    """Put one event in prod and wait for what it leads to; returns its id."""
    answer = sandbox.client("events", "prod-admin").put_events(Entries=[{**ENTRY, **changes}])
    assert answer["FailedEntryCount"] == 0
    sandbox.settle()
    return str(answer["Entries"][0]["EventId"])


def rule(sandbox: Sandbox, *targets: dict[str, Any], **settings: Any) -> None:
    events = sandbox.client("events", "prod-admin")
    events.put_rule(**{"Name": "drift", "EventPattern": PATTERN, **settings})
    listed = [{"Id": f"t{n}", **target} for n, target in enumerate(targets)]
    bus = {"EventBusName": settings["EventBusName"]} if "EventBusName" in settings else {}
    assert events.put_targets(Rule="drift", Targets=listed, **bus)["FailedEntryCount"] == 0


def queue(sandbox: Sandbox, name: str, policy: str = "", **attributes: str) -> tuple[str, str]:
    sqs = sandbox.client("sqs", "prod-admin")
    given = {**attributes, **({"Policy": policy} if policy else {})}
    url = sqs.create_queue(QueueName=name, Attributes=given)["QueueUrl"]
    return url, f"arn:aws:sqs:eu-west-1:{PROD}:{name}"


def messages(sandbox: Sandbox, url: str) -> list[dict[str, Any]]:
    received = sandbox.client("sqs", "prod-admin").receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
    )
    return list(received.get("Messages", []))


def outcomes(sandbox: Sandbox) -> list[tuple[str, str]]:
    return [(d["target"], d["status"]) for d in sandbox.deliveries.listing()]


def test_put_events__queue_that_allows_it__receives_the_event(
    sandbox: Sandbox, allow_events: Callable[..., str]
) -> None:
    url, arn = queue(sandbox, "work", allow_events("sqs:SendMessage"))
    rule(sandbox, {"Arn": arn})
    event_id = send(sandbox, Resources=["arn:aws:s3:::data"])
    event = json.loads(messages(sandbox, url)[0]["Body"])
    assert event == {
        "version": "0",
        "id": event_id,
        "source": "promotion.data-quality",
        "detail-type": "Data Drift Detected",
        "account": PROD,
        "time": event["time"],
        "region": "eu-west-1",
        "resources": ["arn:aws:s3:::data"],
        "detail": {"use_case": "mammography", "batch_uri": "s3://data/batch.csv"},
    }
    assert outcomes(sandbox) == [(arn, "delivered")]


def test_put_events__queue_without_policy__is_a_failed_delivery(sandbox: Sandbox) -> None:
    url, arn = queue(sandbox, "work")
    rule(sandbox, {"Arn": arn})
    event_id = send(sandbox)
    assert messages(sandbox, url) == []
    (record,) = sandbox.deliveries.listing()
    assert {
        k: record[k] for k in ("kind", "account", "source", "target", "status", "attempts")
    } == {
        "kind": "event",
        "account": PROD,
        "source": RULE_ARN,
        "target": arn,
        "status": "failed",
        "attempts": 1,
    }
    assert record["detail"]["event_id"] == event_id
    assert record["error"] == (
        "AccessDenied: User: events.amazonaws.com is not authorized to perform: sqs:SendMessage "
        f"on resource: {arn} because no resource-based policy allows the sqs:SendMessage action"
    )


def test_put_events__policy_for_another_rule__is_a_failed_delivery(
    sandbox: Sandbox, allow_events: Callable[..., str]
) -> None:
    policy = json.loads(allow_events("sqs:SendMessage"))
    other = "arn:aws:events:eu-west-1:444444444444:rule/other"
    policy["Statement"][0]["Condition"] = {"ArnEquals": {"aws:SourceArn": other}}
    url, arn = queue(sandbox, "work", json.dumps(policy))
    rule(sandbox, {"Arn": arn})
    send(sandbox)
    assert outcomes(sandbox) == [(arn, "failed")]
    assert messages(sandbox, url) == []


@pytest.mark.parametrize(
    "change",
    [{"Source": "something.else"}, {"EventBusName": "custom"}],
    ids=["other source", "other bus"],
)
def test_put_events__no_rule_matches__nothing_is_sent(
    sandbox: Sandbox, allow_events: Callable[..., str], change: dict[str, str]
) -> None:
    sandbox.client("events", "prod-admin").create_event_bus(Name="custom")
    _, arn = queue(sandbox, "work", allow_events("sqs:SendMessage"))
    rule(sandbox, {"Arn": arn})
    send(sandbox, **change)
    assert outcomes(sandbox) == []


def test_put_events__disabled_rule__nothing_is_sent(
    sandbox: Sandbox, allow_events: Callable[..., str]
) -> None:
    _, arn = queue(sandbox, "work", allow_events("sqs:SendMessage"))
    rule(sandbox, {"Arn": arn})
    sandbox.client("events", "prod-admin").disable_rule(Name="drift")
    send(sandbox)
    assert outcomes(sandbox) == []


def test_put_events__other_accounts__receive_nothing(
    sandbox: Sandbox, allow_events: Callable[..., str]
) -> None:
    _, arn = queue(sandbox, "work", allow_events("sqs:SendMessage"))
    rule(sandbox, {"Arn": arn})
    sandbox.client("events", "dev-admin").put_events(Entries=[ENTRY])
    sandbox.settle()
    assert outcomes(sandbox) == []


def test_put_events__bad_entries__are_refused_one_by_one(sandbox: Sandbox) -> None:
    entries = [
        {**ENTRY, "Source": ""},
        ENTRY,
        {**ENTRY, "Detail": "{"},
        {**ENTRY, "Detail": "[]"},
        {**ENTRY, "EventBusName": "none"},
    ]
    answer = sandbox.client("events", "prod-admin").put_events(Entries=entries)
    assert answer["FailedEntryCount"] == 4
    assert [entry.get("ErrorCode", "sent") for entry in answer["Entries"]] == [
        "InvalidArgument",
        "sent",
        "MalformedDetail",
        "MalformedDetail",
        "ResourceNotFoundException",
    ]


def test_put_events__other_accounts_bus__needs_its_policy(
    sandbox: Sandbox, allow_events: Callable[..., str]
) -> None:
    url, arn = queue(sandbox, "work", allow_events("sqs:SendMessage"))
    rule(sandbox, {"Arn": arn})
    bus = f"arn:aws:events:eu-west-1:{PROD}:event-bus/default"
    registry = sandbox.client("events", "registry-admin")
    refused = registry.put_events(Entries=[{**ENTRY, "EventBusName": bus}])
    assert refused["Entries"][0]["ErrorCode"] == "AccessDeniedException"
    sandbox.client("events", "prod-admin").put_permission(
        StatementId="registry", Action="events:PutEvents", Principal="222222222222"
    )
    assert registry.put_events(Entries=[{**ENTRY, "EventBusName": bus}])["FailedEntryCount"] == 0
    sandbox.settle()
    assert json.loads(messages(sandbox, url)[0]["Body"])["account"] == "222222222222"


def test_put_events__target_is_another_bus__its_rules_apply(
    sandbox: Sandbox, allow_events: Callable[..., str]
) -> None:
    url, arn = queue(sandbox, "work", allow_events("sqs:SendMessage"))
    events = sandbox.client("events", "prod-admin")
    bus = events.create_event_bus(Name="custom")["EventBusArn"]
    rule(sandbox, {"Arn": bus})
    rule(sandbox, {"Arn": arn}, EventBusName="custom")
    event_id = send(sandbox)
    assert [json.loads(m["Body"])["id"] for m in messages(sandbox, url)] == [event_id]
    assert outcomes(sandbox) == [(bus, "delivered"), (arn, "delivered")]


def topic(
    sandbox: Sandbox, allow_events: Callable[..., str], key: str = "", *, policy: bool = True
) -> str:
    sns = sandbox.client("sns", "prod-admin")
    attributes = {"KmsMasterKeyId": key} if key else {}
    if policy:
        attributes["Policy"] = allow_events("sns:Publish")
    arn = str(sns.create_topic(Name="alerts", Attributes=attributes)["TopicArn"])
    sns.subscribe(TopicArn=arn, Protocol="email", Endpoint="people@example.com")
    return arn


def create_key(sandbox: Sandbox, *statements: dict[str, Any]) -> str:
    kms = sandbox.client("kms", "prod-admin")
    root = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{PROD}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    policy = {"Version": "2012-10-17", "Statement": [root, *statements]}
    created = kms.create_key(Policy=json.dumps(policy))["KeyMetadata"]
    kms.create_alias(AliasName="alias/alerts", TargetKeyId=created["KeyId"])
    return str(created["KeyId"])


def test_put_events__topic__mail_is_in_the_inbox(
    sandbox: Sandbox, allow_events: Callable[..., str]
) -> None:
    arn = topic(sandbox, allow_events)
    transformer = {
        "InputPathsMap": {"case": "$.detail.use_case"},
        "InputTemplate": '"Drift in <case>"',
    }
    rule(sandbox, {"Arn": arn, "InputTransformer": transformer})
    send(sandbox)
    (mail,) = sandbox.inbox.listing()
    assert mail == {
        "at": mail["at"],
        "account": PROD,
        "topic": arn,
        "to": "people@example.com",
        "subject": "AWS Notification Message",
        "body": '"Drift in mammography"',
    }


def test_put_events__topic_without_policy_for_events__is_a_failed_delivery(
    sandbox: Sandbox, allow_events: Callable[..., str]
) -> None:
    arn = topic(sandbox, allow_events, policy=False)
    rule(sandbox, {"Arn": arn})
    send(sandbox)
    assert outcomes(sandbox) == [(arn, "failed")]
    assert sandbox.inbox.listing() == []


def test_put_events__topic_with_aws_managed_key__is_a_failed_delivery(
    sandbox: Sandbox, allow_events: Callable[..., str]
) -> None:
    arn = topic(sandbox, allow_events, "alias/aws/sns")
    rule(sandbox, {"Arn": arn})
    send(sandbox)
    (record,) = sandbox.deliveries.listing()
    assert (record["status"], sandbox.inbox.listing()) == ("failed", [])
    assert record["error"] == (
        "KMSAccessDenied: User: events.amazonaws.com is not authorized to perform: "
        f"kms:GenerateDataKey on resource: arn:aws:kms:eu-west-1:{PROD}:alias/aws/sns because no "
        "resource-based policy allows the kms:GenerateDataKey action"
    )


@pytest.mark.parametrize(
    ("actions", "status"),
    [
        (["kms:GenerateDataKey*", "kms:Decrypt"], "delivered"),
        (["kms:*"], "delivered"),
        (["kms:Decrypt"], "failed"),
        (["kms:GenerateDataKey*"], "failed"),
        ([], "failed"),
    ],
)
def test_put_events__topic_with_own_key__needs_the_key_policy(
    sandbox: Sandbox, allow_events: Callable[..., str], actions: list[str], status: str
) -> None:
    allowed = json.loads(allow_events(actions))["Statement"] if actions else []
    create_key(sandbox, *allowed)
    arn = topic(sandbox, allow_events, "alias/alerts")
    rule(sandbox, {"Arn": arn})
    send(sandbox)
    assert outcomes(sandbox) == [(arn, status)]
    assert len(sandbox.inbox.listing()) == (1 if status == "delivered" else 0)


def test_put_events__pipeline__starts_with_parameters_from_the_event(
    sandbox: Sandbox,
    engine: Any,
    create_role: Callable[..., str],
    may: Callable[..., dict[str, Any]],
) -> None:
    arn = f"arn:aws:sagemaker:eu-west-1:{PROD}:pipeline/train"
    start = may("sagemaker:StartPipelineExecution", arn)
    role = create_role("prod-admin", "events", {"Service": "events.amazonaws.com"}, start)
    listed = [
        {"Name": "DriftedBatchUri", "Value": "$.detail.batch_uri"},
        {"Name": "Mode", "Value": "full"},
    ]
    parameters = {"PipelineParameterList": listed}
    rule(sandbox, {"Arn": arn, "RoleArn": role, "SageMakerPipelineParameters": parameters})
    send(sandbox)
    ((operation, request, principal),) = engine.calls
    assert operation == "StartPipelineExecution"
    assert request["PipelineName"] == arn
    assert request["PipelineParameters"] == [
        {"Name": "DriftedBatchUri", "Value": "s3://data/batch.csv"},
        {"Name": "Mode", "Value": "full"},
    ]
    assert len(request["ClientRequestToken"]) == 64
    assert principal.arn == f"arn:aws:sts::{PROD}:assumed-role/events/events"


@pytest.mark.parametrize("trusted", [{"Service": "lambda.amazonaws.com"}, None])
def test_put_events__pipeline_with_a_role_that_events_may_not_take__goes_to_dead_letters(
    sandbox: Sandbox,
    engine: Any,
    create_role: Callable[..., str],
    allow_events: Callable[..., str],
    trusted: dict[str, str] | None,
) -> None:
    role = f"arn:aws:iam::{PROD}:role/events"
    if trusted:
        create_role("prod-admin", "events", trusted)
    url, dead = queue(sandbox, "dead", allow_events("sqs:SendMessage"))
    arn = f"arn:aws:sagemaker:eu-west-1:{PROD}:pipeline/train"
    rule(sandbox, {"Arn": arn, "RoleArn": role, "DeadLetterConfig": {"Arn": dead}})
    event_id = send(sandbox)
    assert engine.calls == []
    assert outcomes(sandbox) == [(arn, "dead-lettered")]
    (message,) = messages(sandbox, url)
    assert json.loads(message["Body"])["id"] == event_id
    facts = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    assert facts["RULE_ARN"] == RULE_ARN
    assert facts["TARGET_ARN"] == arn
    assert facts["ERROR_CODE"] == "AccessDenied"
    assert facts["RETRY_ATTEMPTS"] == "0"


def test_put_events__dead_letter_queue_without_policy__both_failures_are_recorded(
    sandbox: Sandbox,
) -> None:
    _, dead = queue(sandbox, "dead")
    _, arn = queue(sandbox, "work")
    rule(sandbox, {"Arn": arn, "DeadLetterConfig": {"Arn": dead}})
    send(sandbox)
    assert sorted(outcomes(sandbox)) == [(dead, "failed"), (arn, "failed")]


def test_put_events__target_kind_that_is_not_emulated__is_a_failed_delivery(
    sandbox: Sandbox,
) -> None:
    arn = f"arn:aws:ecs:eu-west-1:{PROD}:cluster/none"
    rule(sandbox, {"Arn": arn})
    send(sandbox)
    (record,) = sandbox.deliveries.listing()
    assert record["error"] == f"UnsupportedTarget: the sandbox does not deliver events to {arn}"


def test_put_rule__bad_pattern__is_refused_and_nothing_is_stored(sandbox: Sandbox) -> None:
    events = sandbox.client("events", "prod-admin")
    with pytest.raises(ClientError, match="InvalidEventPatternException"):
        events.put_rule(Name="bad", EventPattern='{"source": [{"regex": "x"}]}')
    assert events.list_rules()["Rules"] == []


def test_test_event_pattern__event__is_matched(sandbox: Sandbox) -> None:
    events = sandbox.client("events", "prod-admin")
    event = json.dumps({"source": "promotion.data-quality"})
    assert events.test_event_pattern(EventPattern=PATTERN, Event=event)["Result"] is True
    assert events.test_event_pattern(EventPattern=PATTERN, Event="{}")["Result"] is False


def test_put_events__log_group_target__needs_a_policy_and_is_written(
    sandbox: Sandbox, allow_events: Callable[..., str]
) -> None:
    logs = sandbox.client("logs", "prod-admin")
    logs.create_log_group(logGroupName="/events/drift")
    arn = f"arn:aws:logs:eu-west-1:{PROD}:log-group:/events/drift"
    actions = ["logs:CreateLogStream", "logs:PutLogEvents"]
    logs.put_resource_policy(policyName="events", policyDocument=allow_events(actions, f"{arn}:*"))
    rule(sandbox, {"Arn": arn})
    event_id = send(sandbox)
    found = logs.filter_log_events(logGroupName="/events/drift")["events"]
    assert [json.loads(event["message"])["id"] for event in found] == [event_id]


def test_put_events__time_given__is_the_events_time(
    sandbox: Sandbox, allow_events: Callable[..., str]
) -> None:
    url, arn = queue(sandbox, "work", allow_events("sqs:SendMessage"))
    rule(sandbox, {"Arn": arn})
    send(sandbox, Time="2026-01-02T03:04:05Z")
    assert json.loads(messages(sandbox, url)[0]["Body"])["time"] == "2026-01-02T03:04:05Z"


def test_put_events__more_than_ten__are_refused(sandbox: Sandbox) -> None:
    with pytest.raises(ClientError, match="11 entries: PutEvents takes 1 to 10"):
        sandbox.client("events", "prod-admin").put_events(Entries=[ENTRY] * 11)


def test_put_events__pipeline_target_without_role__is_a_failed_delivery(
    sandbox: Sandbox, engine: Any
) -> None:
    rule(sandbox, {"Arn": f"arn:aws:sagemaker:eu-west-1:{PROD}:pipeline/train"})
    send(sandbox)
    (record,) = sandbox.deliveries.listing()
    assert record["error"] == "ValidationException: target t0 needs a RoleArn"
    assert engine.calls == []
