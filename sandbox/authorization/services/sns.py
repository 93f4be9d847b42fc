"""SNS: topics by ARN or name, subscriptions by the topic that they belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.authorization.generic import by_tables, request_tags, table_action
from sandbox.authorization.requirement import Requirement, arn, need
from sandbox.model import ServiceError

if TYPE_CHECKING:
    from sandbox.services.call import Call

_BATCHES = {"PublishBatch": "Publish"}


def required(call: Call) -> tuple[Requirement, ...]:
    """Return what an SNS operation needs.

    Raises:
        ServiceError: ``InvalidParameter`` for two recipients of one message.
    """
    given, action = call.parameters, _BATCHES.get(call.operation, call.operation)
    subscription = str(given.get("SubscriptionArn") or "")
    if call.operation == "CreateTopic":
        return _created(call, arn(call, "sns", str(given.get("Name", ""))))
    if given.get("TopicArn") and given.get("TargetArn"):
        # https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
        raise ServiceError(
            "InvalidParameter", "Invalid parameter: give either TopicArn or TargetArn, not both"
        )
    topic = given.get("TopicArn") or given.get("TargetArn") or given.get("ResourceArn")
    if subscription:
        # A subscription's ARN is its topic's and an id.
        topic = subscription.rsplit(":", 1)[0]
    if not topic:
        return by_tables(call, action)
    context = request_tags(call)
    if call.operation == "Subscribe":
        context |= {"sns:protocol": (str(given.get("Protocol", "")),)}
        context |= {"sns:endpoint": (str(given["Endpoint"]),)} if given.get("Endpoint") else {}
    return (need(call, table_action(call, action).name, str(topic), context),)


def _created(call: Call, topic: str) -> tuple[Requirement, ...]:
    tags = request_tags(call)
    created = need(call, "sns:CreateTopic", topic, tags)
    return (created, need(call, "sns:TagResource", topic, tags)) if tags else (created,)
