"""One event on its way through EventBridge and an SNS topic to a queue, to see that it arrives.

Makes a queue, its subscription and a rule with names that end in the probe's id, sends one event,
reads the queue, and removes all three. Calls SQS CreateQueue, ReceiveMessage and DeleteQueue, SNS
Subscribe and Unsubscribe, EventBridge PutRule, PutTargets, PutEvents, RemoveTargets and DeleteRule.
Whoever else is subscribed to the topic gets the message too.
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from promotion.aws.errors import Call, RemoteMissing, remote_call
from promotion.aws.session import AccountSession
from promotion.errors import RemoteError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

# The deploy role may send events of this source only.
SOURCE = "promotion.doctor"
DETAIL_TYPE = "Alert Delivery Probe"
_TARGET = "alerts-topic"
_WAIT_SECONDS = 2
# A new rule takes effect "in a short period of time", within a minute as a rule; the event is sent
# again until it has. https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
_RESEND_SECONDS = 30


@dataclass(frozen=True)
class Route:
    """What the event goes through.

    Attributes:
        name: name of the rule and of the queue; unique to the probe.
        topic_arn: the topic.
        text: what subscribers of the topic read.
    """

    name: str
    topic_arn: str
    text: str


class DeliveryProbe:
    """Sends an event through a rule and a topic and waits for it.

    Args:
        session: session of the account, of the deploy role.
        now: seconds that only ever grow.
    """

    def __init__(self, session: AccountSession, now: Callable[[], float] = time.monotonic) -> None:
        """Keep the session."""
        self._session = session
        self._now = now

    def arrives(self, route: Route, timeout_seconds: float) -> bool:
        """Return whether the event arrives in time. Mutates the account, which is then as before.

        Raises:
            RemoteError: a part of the way cannot be made, or removed again.
        """
        with ExitStack() as stack:
            queue_url = stack.enter_context(self._queue(route))
            stack.enter_context(self._subscription(route))
            stack.enter_context(self._rule(route))
            ends, resend_at = self._now() + timeout_seconds, self._now()
            while self._now() < ends:
                if self._now() >= resend_at:
                    self._send(route)
                    resend_at = self._now() + _RESEND_SECONDS
                if self._received(queue_url):
                    return True
        return False

    @contextmanager
    def _queue(self, route: Route) -> Iterator[str]:
        policy = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "AlertsTopic",
                    "Effect": "Allow",
                    "Principal": {"Service": "sns.amazonaws.com"},
                    "Action": "sqs:SendMessage",
                    "Resource": _queue_arn(route),
                    "Condition": {"ArnEquals": {"aws:SourceArn": route.topic_arn}},
                }
            ],
        }
        with self._call("sqs.CreateQueue", route.name):
            made = self._session.sqs.create_queue(
                QueueName=route.name, Attributes={"Policy": json.dumps(policy)}
            )
        try:
            yield made["QueueUrl"]
        finally:
            with self._call("sqs.DeleteQueue", route.name):
                self._session.sqs.delete_queue(QueueUrl=made["QueueUrl"])

    @contextmanager
    def _subscription(self, route: Route) -> Iterator[None]:
        with self._call("sns.Subscribe", route.topic_arn):
            made = self._session.sns.subscribe(
                TopicArn=route.topic_arn,
                Protocol="sqs",
                Endpoint=_queue_arn(route),
                ReturnSubscriptionArn=True,
            )
        try:
            yield
        finally:
            with self._call("sns.Unsubscribe", made["SubscriptionArn"]):
                self._session.sns.unsubscribe(SubscriptionArn=made["SubscriptionArn"])

    @contextmanager
    def _rule(self, route: Route) -> Iterator[None]:
        pattern = {"source": [SOURCE], "detail-type": [DETAIL_TYPE], "detail": {"id": [route.name]}}
        try:
            with self._call("events.PutRule", route.name):
                self._session.events.put_rule(Name=route.name, EventPattern=json.dumps(pattern))
            with self._call("events.PutTargets", route.name):
                self._session.events.put_targets(
                    Rule=route.name,
                    Targets=[
                        {"Id": _TARGET, "Arn": route.topic_arn, "Input": json.dumps(route.text)}
                    ],
                )
            yield
        finally:
            self._remove_rule(route)

    def _remove_rule(self, route: Route) -> None:
        try:
            with self._call("events.RemoveTargets", route.name):
                self._session.events.remove_targets(Rule=route.name, Ids=[_TARGET])
        except RemoteMissing:
            return
        with self._call("events.DeleteRule", route.name):
            self._session.events.delete_rule(Name=route.name)

    def _send(self, route: Route) -> None:
        entry = {"Source": SOURCE, "DetailType": DETAIL_TYPE}
        with self._call("events.PutEvents", route.name):
            answer = self._session.events.put_events(
                Entries=[{**entry, "Detail": json.dumps({"id": route.name})}]  # type: ignore[typeddict-item]
            )
        if answer["FailedEntryCount"]:
            refused = answer["Entries"][0]
            raise RemoteError(
                f"events.PutEvents in account {self._session.account_id} refused the event: "
                f"{refused.get('ErrorCode')}: {refused.get('ErrorMessage')}",
                account_id=self._session.account_id,
                operation="events.PutEvents",
                resource=route.name,
            )

    def _received(self, queue_url: str) -> bool:
        with self._call("sqs.ReceiveMessage", queue_url):
            answer = self._session.sqs.receive_message(
                QueueUrl=queue_url, WaitTimeSeconds=_WAIT_SECONDS
            )
        return bool(answer.get("Messages"))

    def _call(self, operation: str, resource: str) -> "AbstractContextManager[None]":
        return remote_call(Call(self._session.account_id, operation, resource))


def _queue_arn(route: Route) -> str:
    # The topic's ARN names partition, region and account.
    partition, _, region, account_id, _ = route.topic_arn.split(":", 5)[1:]
    return f"arn:{partition}:sqs:{region}:{account_id}:{route.name}"
