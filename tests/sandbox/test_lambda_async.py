"""Asynchronous invocations: retries, dead letters, destinations, and who may start them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sandbox.server import Sandbox

PROD = "444444444444"
FAILING = "def handler(event, context): raise RuntimeError('no luck')"


def counting(path: Path, failures: int) -> str:
    """Return a handler that fails so often and writes a line for each attempt."""
    return (
        f"def handler(event, context):\n"
        f"    with open({str(path)!r}, 'a+') as file:\n"
        f"        file.write('x'); file.seek(0); done = len(file.read())\n"
        f"    if done <= {failures}: raise RuntimeError('attempt %d' % done)\n"
    )


def queue(sandbox: Sandbox, name: str) -> tuple[str, str]:
    url = sandbox.client("sqs", "prod-admin").create_queue(QueueName=name)["QueueUrl"]
    return url, f"arn:aws:sqs:eu-west-1:{PROD}:{name}"


def messages(sandbox: Sandbox, url: str) -> list[dict[str, Any]]:
    received = sandbox.client("sqs", "prod-admin").receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
    )
    return list(received.get("Messages", []))


def fire(sandbox: Sandbox, name: str) -> None:
    answer = sandbox.client("lambda", "prod-admin").invoke(
        FunctionName=name, InvocationType="Event", Payload=b'{"n": 1}'
    )
    assert answer["StatusCode"] == 202
    sandbox.settle()


def test_invoke_event__succeeds_at_last_attempt__is_delivered(
    sandbox: Sandbox, create_function: Callable[..., str], tmp_path: Path
) -> None:
    arn = create_function("count", counting(tmp_path / "attempts", 2))
    fire(sandbox, "count")
    (record,) = sandbox.deliveries.listing()
    assert (record["target"], record["status"], record["attempts"]) == (arn, "delivered", 3)


def test_invoke_event__always_fails__goes_to_the_dead_letter_queue(
    sandbox: Sandbox, create_function: Callable[..., str], may: Callable[..., dict[str, Any]]
) -> None:
    url, dead = queue(sandbox, "dead")
    bury = may("sqs:SendMessage", dead)
    create_function("fail", FAILING, bury, DeadLetterConfig={"TargetArn": dead})
    fire(sandbox, "fail")
    (record,) = sandbox.deliveries.listing()
    assert (record["status"], record["attempts"]) == ("dead-lettered", 3)
    assert record["error"] == "RuntimeError: no luck"
    (message,) = messages(sandbox, url)
    assert json.loads(message["Body"]) == {"n": 1}
    facts = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    assert facts.keys() == {"RequestID", "ErrorCode", "ErrorMessage"}
    assert (facts["ErrorCode"], facts["ErrorMessage"]) == ("200", "no luck")


def test_invoke_event__fails_without_dead_letters__is_recorded(
    sandbox: Sandbox, create_function: Callable[..., str]
) -> None:
    create_function("fail", FAILING)
    fire(sandbox, "fail")
    (record,) = sandbox.deliveries.listing()
    assert (record["status"], record["error"]) == ("failed", "RuntimeError: no luck")


def test_invoke_event__event_invoke_config__is_followed_and_replaced(
    sandbox: Sandbox,
    create_function: Callable[..., str],
    may: Callable[..., dict[str, Any]],
    tmp_path: Path,
) -> None:
    url, failures = queue(sandbox, "failures")
    send = may("sqs:SendMessage", failures)
    arn = create_function("count", counting(tmp_path / "attempts", 9), send)
    client = sandbox.client("lambda", "prod-admin")
    client.put_function_event_invoke_config(FunctionName="count", MaximumRetryAttempts=2)
    client.put_function_event_invoke_config(
        FunctionName="count",
        MaximumRetryAttempts=0,
        DestinationConfig={"OnFailure": {"Destination": failures}},
    )
    shown = client.get_function_event_invoke_config(FunctionName="count")
    assert shown["MaximumRetryAttempts"] == 0
    fire(sandbox, "count")
    assert (tmp_path / "attempts").read_text() == "x"
    report = json.loads(messages(sandbox, url)[0]["Body"])
    assert report["requestContext"]["functionArn"] == f"{arn}:$LATEST"
    assert report["requestContext"]["condition"] == "RetriesExhausted"
    assert report["requestPayload"] == {"n": 1}
    assert report["responsePayload"]["errorMessage"] == "attempt 1"


@pytest.mark.parametrize("permitted", [True, False])
def test_put_events__function_target__needs_the_functions_policy(
    sandbox: Sandbox, create_function: Callable[..., str], tmp_path: Path, permitted: bool
) -> None:
    arn = create_function("count", counting(tmp_path / "attempts", 0))
    events = sandbox.client("events", "prod-admin")
    rule = events.put_rule(Name="drift", EventPattern='{"source": ["x"]}')["RuleArn"]
    events.put_targets(Rule="drift", Targets=[{"Id": "f", "Arn": arn}])
    if permitted:
        sandbox.client("lambda", "prod-admin").add_permission(
            FunctionName="count",
            StatementId="events",
            Action="lambda:InvokeFunction",
            Principal="events.amazonaws.com",
            SourceArn=rule,
        )
    events.put_events(Entries=[{"Source": "x", "DetailType": "y", "Detail": "{}"}])
    sandbox.settle()
    assert (tmp_path / "attempts").exists() is permitted
    statuses = [record["status"] for record in sandbox.deliveries.listing()]
    assert statuses == (["delivered", "delivered"] if permitted else ["failed"])


def test_publish__function_subscription__runs_the_function(
    sandbox: Sandbox, create_function: Callable[..., str], tmp_path: Path
) -> None:
    target = tmp_path / "event.json"
    arn = create_function(
        "note",
        f"import json\ndef handler(event, context):\n"
        f"    json.dump(event, open({str(target)!r}, 'w'))",
    )
    sns = sandbox.client("sns", "prod-admin")
    topic = sns.create_topic(Name="t")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=arn)
    sns.publish(TopicArn=topic, Message="hello", Subject="greeting")
    sandbox.settle()
    record = json.loads(target.read_text())["Records"][0]["Sns"]
    assert (record["Message"], record["Subject"]) == ("hello", "greeting")


def test_function_configuration__dead_letter_target__is_kept_and_removed(
    sandbox: Sandbox, create_function: Callable[..., str]
) -> None:
    _, dead = queue(sandbox, "dead")
    create_function("fail", FAILING, DeadLetterConfig={"TargetArn": dead})
    client = sandbox.client("lambda", "prod-admin")

    def shown() -> Any:
        return client.get_function(FunctionName="fail")["Configuration"].get("DeadLetterConfig")

    assert shown() == {"TargetArn": dead}
    configuration = client.get_function_configuration(FunctionName="fail")
    assert configuration["DeadLetterConfig"] == {"TargetArn": dead}
    client.update_function_configuration(FunctionName="fail", Timeout=9)
    assert shown() == {"TargetArn": dead}
    client.update_function_configuration(FunctionName="fail", DeadLetterConfig={"TargetArn": ""})
    assert shown() is None


@pytest.mark.parametrize("kind", ["sns", "lambda", "events"])
def test_invoke_event__on_success_destination__receives_the_report(
    sandbox: Sandbox,
    create_function: Callable[..., str],
    may: Callable[..., dict[str, Any]],
    tmp_path: Path,
    kind: str,
) -> None:
    action = {"sns": "sns:Publish", "lambda": "lambda:InvokeFunction", "events": "events:PutEvents"}
    create_function("fine", "def handler(event, context): return 'done'", may(action[kind]))
    noted = tmp_path / "noted.json"
    note = create_function(
        "note",
        f"import json\ndef handler(event, context):\n"
        f"    json.dump(event, open({str(noted)!r}, 'w'))",
    )
    sns = sandbox.client("sns", "prod-admin")
    topic = sns.create_topic(Name="t")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="all@example.com")
    bus = f"arn:aws:events:eu-west-1:{PROD}:event-bus/default"
    sandbox.client("lambda", "prod-admin").put_function_event_invoke_config(
        FunctionName="fine",
        DestinationConfig={"OnSuccess": {"Destination": {
            "sns": topic, "lambda": note, "events": bus}[kind]}},
    )  # fmt: skip
    events = sandbox.client("events", "prod-admin")
    rule = events.put_rule(Name="results", EventPattern='{"source": ["lambda"]}')["RuleArn"]
    events.put_targets(Rule="results", Targets=[{"Id": "f", "Arn": note}])
    sandbox.client("lambda", "prod-admin").add_permission(
        FunctionName="note", StatementId="e", Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com", SourceArn=rule,
    )  # fmt: skip
    fire(sandbox, "fine")
    if kind == "sns":
        report = json.loads(sandbox.inbox.mails[0].body)
    else:
        written = json.loads(noted.read_text())
        report = written["detail"] if kind == "events" else written
    assert report["requestContext"]["condition"] == "Success"
    assert report["responsePayload"] == "done"
