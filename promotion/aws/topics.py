"""SNS topics and the rules that send to them, read.

Calls SNS GetTopicAttributes and ListSubscriptionsByTopic, EventBridge DescribeRule and
ListTargetsByRule.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from promotion.aws.errors import Call, remote_call

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_sns import SNSClient

# What SNS writes in the place of the ARN of a subscription that nobody has confirmed.
# https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html
_UNCONFIRMED = "PendingConfirmation"


@dataclass(frozen=True)
class Topic:
    """A topic.

    Attributes:
        policy: its policy, as JSON.
        key: id, ARN or alias of the KMS key of its messages; empty when they are not encrypted.
        confirmed: endpoints that get its messages.
        unconfirmed: endpoints that do not, because nobody has followed the link sent to them.
    """

    policy: str
    key: str
    confirmed: tuple[str, ...]
    unconfirmed: tuple[str, ...]


def read_topic(client: "SNSClient", account_id: str, topic_arn: str) -> Topic:
    """Return a topic.

    Raises:
        RemoteMissing: there is no such topic.
    """
    with remote_call(Call(account_id, "sns.GetTopicAttributes", topic_arn)):
        found = client.get_topic_attributes(TopicArn=topic_arn)["Attributes"]
    with remote_call(Call(account_id, "sns.ListSubscriptionsByTopic", topic_arn)):
        pages = client.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic_arn)
        subscriptions = [each for page in pages for each in page["Subscriptions"]]
    return Topic(
        policy=found.get("Policy", ""),
        key=found.get("KmsMasterKeyId", ""),
        # Neither is "Deleted", which stands there for a while after a subscription is gone.
        confirmed=tuple(
            each["Endpoint"] for each in subscriptions if each["SubscriptionArn"][:4] == "arn:"
        ),
        unconfirmed=tuple(
            each["Endpoint"] for each in subscriptions if each["SubscriptionArn"] == _UNCONFIRMED
        ),
    )


@dataclass(frozen=True)
class Rule:
    """A rule.

    Attributes:
        is_enabled: whether it does anything.
        target_arns: ARNs of what it sends events to.
    """

    is_enabled: bool
    target_arns: tuple[str, ...]


def read_rule(client: "EventBridgeClient", account_id: str, name: str, bus: str) -> Rule:
    """Return a rule.

    Raises:
        RemoteMissing: there is no such rule.
    """
    with remote_call(Call(account_id, "events.DescribeRule", name)):
        found = client.describe_rule(Name=name, EventBusName=bus)
    with remote_call(Call(account_id, "events.ListTargetsByRule", name)):
        # A rule has at most five targets: one page.
        # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
        targets = client.list_targets_by_rule(Rule=name, EventBusName=bus)["Targets"]
    return Rule(found.get("State") == "ENABLED", tuple(target["Arn"] for target in targets))
