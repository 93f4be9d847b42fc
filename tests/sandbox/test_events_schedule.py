"""Scheduled rules: when they fall due and how the virtual clock fires them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from sandbox.clock import iso
from sandbox.events.schedule import next_after
from sandbox.model import SandboxError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.server import Sandbox

PROD = "444444444444"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "moment", "due"),
    [
        ("cron(0 6 * * ? *)", "2026-11-21T05:59:59.9", "2026-11-21T06:00:00"),
        ("cron(0 6 * * ? *)", "2026-11-21T06:00:00", "2026-11-22T06:00:00"),
        ("cron(0 6 * * ? *)", "2026-11-21T06:00:30", "2026-11-22T06:00:00"),
        ("cron(0/15 * * * ? *)", "2026-11-21T06:01:00", "2026-11-21T06:15:00"),
        ("cron(30 9 L * ? *)", "2026-02-01T00:00:00", "2026-02-28T09:30:00"),
        ("cron(0 8 ? * MON-FRI *)", "2026-11-20T08:00:00", "2026-11-23T08:00:00"),
        ("cron(0 8 ? * 2#1 *)", "2026-11-03T00:00:00", "2026-12-07T08:00:00"),
        ("rate(5 minutes)", "2026-11-21T06:00:00", "2026-11-21T06:05:00"),
        ("rate(1 hour)", "2026-11-21T06:00:00", "2026-11-21T07:00:00"),
        ("rate(1 day)", "2026-11-21T06:00:00", "2026-11-22T06:00:00"),
    ],
)
def test_next_after__expression__is_the_next_due_time(
    expression: str, moment: str, due: str
) -> None:
    assert next_after(expression, at(moment)) == at(due)


def test_next_after__rate__counts_from_when_the_rule_was_written() -> None:
    created = at("2026-11-21T00:07:00")
    due = next_after("rate(10 minutes)", at("2026-11-21T00:30:00"), created)
    assert due == at("2026-11-21T00:37:00")


def test_next_after__years_are_over__is_never() -> None:
    assert next_after("cron(0 6 * * ? 2020)", at("2026-11-21T00:00:00")) is None


@pytest.mark.parametrize(
    "expression",
    ["daily", "cron(0 6 * * *)", "cron(0 6 * * * *)", "cron(61 6 * * ? *)", "rate(0 minutes)",
     "rate(1 minutes)", "rate(2 minute)", "rate(5 weeks)"],
)  # fmt: skip
def test_next_after__invalid_expression__is_refused(expression: str) -> None:
    with pytest.raises(SandboxError):
        next_after(expression, at("2026-11-21T00:00:00"))


@pytest.fixture
def scheduled(sandbox: Sandbox, allow_events: Callable[..., str]) -> Callable[..., None]:
    """Return what makes a rule that sends its events to the queue ``work``."""
    sqs = sandbox.client("sqs", "prod-admin")
    sqs.create_queue(QueueName="work", Attributes={"Policy": allow_events("sqs:SendMessage")})
    events = sandbox.client("events", "prod-admin")

    def make(name: str, expression: str, **settings: Any) -> None:
        events.put_rule(Name=name, ScheduleExpression=expression, **settings)
        target = {"Id": "queue", "Arn": f"arn:aws:sqs:eu-west-1:{PROD}:work"}
        events.put_targets(Rule=name, Targets=[target])

    return make


def received(sandbox: Sandbox) -> list[dict[str, Any]]:
    sqs = sandbox.client("sqs", "prod-admin")
    url = sqs.get_queue_url(QueueName="work")["QueueUrl"]
    found: list[dict[str, Any]] = []
    while batch := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        found += [json.loads(message["Body"]) for message in batch]
    return sorted(found, key=lambda event: (event["time"], event["resources"]))


def test_advance_to__two_days__daily_rule_fires_twice_at_its_own_time(
    sandbox: Sandbox, scheduled: Callable[..., None]
) -> None:
    scheduled("daily", "cron(0 6 * * ? *)")
    (due,) = sandbox.scheduler.upcoming()
    rule = f"arn:aws:events:eu-west-1:{PROD}:rule/daily"
    target = due.at + timedelta(days=1, hours=1)
    fired = sandbox.scheduler.advance_to(target, settle_seconds=30)
    times = [iso(due.at), iso(due.at + timedelta(days=1))]
    assert fired == [{"rule": rule, "at": time} for time in times]
    events = received(sandbox)
    assert [event["time"] for event in events] == times
    assert events[0] == {
        "version": "0",
        "id": events[0]["id"],
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": PROD,
        "time": times[0],
        "region": "eu-west-1",
        "resources": [rule],
        "detail": {},
    }
    assert sandbox.clock.now() >= target


def test_advance_to__several_rules__fire_in_time_order(
    sandbox: Sandbox, scheduled: Callable[..., None]
) -> None:
    scheduled("quarter", "cron(0/15 * * * ? *)")
    scheduled("hour", "cron(0 * * * ? *)")
    start = sandbox.scheduler.upcoming()[0].at
    fired = sandbox.scheduler.advance_to(start + timedelta(hours=1), settle_seconds=30)
    assert [one["at"] for one in fired] == sorted(one["at"] for one in fired)
    # Five quarters, the first and the last of them at `start`'s minute; a full hour is one or two.
    hours = 2 if iso(start).endswith(":00:00Z") else 1
    names = sorted(one["rule"].rsplit("/", 1)[-1] for one in fired)
    assert names == ["hour"] * hours + ["quarter"] * 5


def test_advance_to__disabled_or_deleted_rule__does_not_fire(
    sandbox: Sandbox, scheduled: Callable[..., None]
) -> None:
    scheduled("off", "cron(0 6 * * ? *)", State="DISABLED")
    scheduled("gone", "cron(0 7 * * ? *)")
    events = sandbox.client("events", "prod-admin")
    events.remove_targets(Rule="gone", Ids=["queue"])
    events.delete_rule(Name="gone")
    assert sandbox.scheduler.upcoming() == []
    assert sandbox.scheduler.advance_to(sandbox.clock.now() + timedelta(days=2)) == []
    assert received(sandbox) == []


def test_advance_to__past__is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(SandboxError, match="the clock does not go back"):
        sandbox.scheduler.advance_to(sandbox.clock.now() - timedelta(seconds=5))


def test_advance_to__same_day_again__does_not_fire_twice(
    sandbox: Sandbox, scheduled: Callable[..., None]
) -> None:
    scheduled("daily", "cron(0 6 * * ? *)")
    due = sandbox.scheduler.upcoming()[0].at
    assert len(sandbox.scheduler.advance_to(due, settle_seconds=30)) == 1
    assert sandbox.scheduler.advance_to(due + timedelta(hours=1), settle_seconds=30) == []


def test_put_rule__schedule_on_another_bus__is_refused(sandbox: Sandbox) -> None:
    events = sandbox.client("events", "prod-admin")
    events.create_event_bus(Name="custom")
    with pytest.raises(ClientError, match="supported only on the default event bus"):
        events.put_rule(Name="daily", ScheduleExpression="cron(0 6 * * ? *)", EventBusName="custom")


def test_put_rule__bad_schedule__is_refused(sandbox: Sandbox) -> None:
    events = sandbox.client("events", "prod-admin")
    with pytest.raises(ClientError, match="Parameter ScheduleExpression is not valid"):
        events.put_rule(Name="daily", ScheduleExpression="cron(0 25 * * ? *)")
    assert events.list_rules()["Rules"] == []
