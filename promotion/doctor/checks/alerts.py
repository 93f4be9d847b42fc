"""Alerts reach people, as far as that can be read: topic, key, policy, subscribers and rules.

Calls SNS GetTopicAttributes and ListSubscriptionsByTopic, KMS DescribeKey and GetKeyPolicy,
EventBridge DescribeRule and ListTargetsByRule. The check alert-delivery tries it.
"""

from collections.abc import Iterator

from promotion.aws.errors import RemoteMissing
from promotion.aws.keys import Keys
from promotion.aws.topics import Topic, read_rule, read_topic
from promotion.config import RegistryEnvironment, WorkloadEnvironment
from promotion.doctor.examination import Examination
from promotion.doctor.policy import Request, allows
from promotion.doctor.result import CheckResult, Finding, skipped, verdict

CHECK = "alerts"
SUMMARY = "the topic of alerts lets EventBridge publish, has confirmed subscribers and its rules"
MEND = "plan and apply the Terraform of the environment, which sets up topic, key and rules"
_EVENTS = "events.amazonaws.com"
_RULES = ("pipeline-failure", "drift-alert", "approval-alert")


def check(examination: Examination) -> CheckResult:
    """Follow an alert from rule to subscriber."""
    environment = examination.environment
    if not isinstance(environment, (RegistryEnvironment, WorkloadEnvironment)):
        return skipped("a tooling account sends no alerts")
    plan, arn = examination.plan, environment.alerts_topic_arn
    topic = read_topic(plan.sns, plan.account_id, arn)
    findings = [*_publishing(examination, arn, topic), *_subscribers(arn, topic)]
    if isinstance(environment, WorkloadEnvironment):
        findings += _rules(examination, environment)
    number = len(topic.confirmed)
    return verdict(findings, f"{arn}, to {number} subscriber{'' if number == 1 else 's'}")


def _publishing(examination: Examination, arn: str, topic: Topic) -> Iterator[Finding]:
    if not allows(topic.policy, Request(_EVENTS, "sns:Publish", arn)):
        yield Finding("the topic's policy lets EventBridge not publish", arn)
    if not topic.key:
        yield Finding("the topic's messages are not encrypted", arn)
        return
    keys = Keys(examination.plan.kms, examination.plan.account_id)
    # EventBridge cannot use AWS's own key of SNS, whose policy nobody can change.
    # https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
    if topic.key.endswith("alias/aws/sns"):
        yield Finding("the topic is encrypted with AWS's key, which EventBridge may not use", arn)
        return
    key = keys.describe(topic.key)
    if key.state != "Enabled":
        yield Finding(f"the topic's key is {key.state}", key.arn)
    policy = keys.policy(key.arn)
    for action in ("kms:Decrypt", "kms:GenerateDataKey"):
        if not allows(policy, Request(_EVENTS, action, key.arn)):
            what = f"the policy of the topic's key lets EventBridge not do {action}"
            yield Finding(what, key.arn)


def _subscribers(arn: str, topic: Topic) -> Iterator[Finding]:
    for endpoint in topic.unconfirmed:
        mend = "follow the link of the confirmation mail; after three days subscribe it anew"
        yield Finding(f"{endpoint} gets no alerts: it is not confirmed", arn, mend)
    if not topic.confirmed and not topic.unconfirmed:
        mend = "name somebody in alerts.emails of the environment's file, then plan and apply"
        yield Finding("nobody gets the alerts: the topic has no subscriber", arn, mend)


def _rules(examination: Examination, environment: WorkloadEnvironment) -> Iterator[Finding]:
    plan, notify = examination.plan, environment.function_arn("notify")
    for suffix in _RULES:
        name = f"{environment.project}-{environment.environment}-{suffix}"
        bus = environment.event_bus if suffix == "drift-alert" else "default"
        where = environment.arn("events", f"rule/{name}")
        try:
            rule = read_rule(plan.events, plan.account_id, name, bus)
        except RemoteMissing:
            yield Finding(f"there is no rule {name} on the bus {bus}", where)
            continue
        if not rule.is_enabled:
            yield Finding(f"the rule {name} is disabled", where)
        if notify not in rule.target_arns:
            yield Finding(f"the rule {name} does not send to {notify}", where)
