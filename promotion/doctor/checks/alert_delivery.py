"""An event that a rule sends to the topic of alerts arrives at a subscriber.

Whoever is subscribed gets the message too, so it is done when asked for only (`--probe-alerts`).
Under the deploy role: makes a rule, a queue and its subscription named
`<project>-<environment>-doctor-<id>`, sends one event, waits for it in the queue, and removes them.
"""

from promotion.aws.delivery import DeliveryProbe, Route
from promotion.config import RegistryEnvironment, WorkloadEnvironment
from promotion.doctor.examination import Examination
from promotion.doctor.result import CheckResult, Finding, skipped, verdict

CHECK = "alert-delivery"
SUMMARY = "an event goes through EventBridge and the topic of alerts to a subscriber"
MEND = (
    "look at what the check alerts finds; CloudWatch has FailedInvocations of the rule and "
    "NumberOfNotificationsFailed of the topic"
)
TIMEOUT_SECONDS = 90


def check(examination: Examination) -> CheckResult:
    """Send an event and wait for it."""
    environment = examination.environment
    if not isinstance(environment, (RegistryEnvironment, WorkloadEnvironment)):
        return skipped("a tooling account sends no alerts")
    if not examination.probes.alerts:
        return skipped("it sends a message to everybody who gets alerts: ask with --probe-alerts")
    name = f"{environment.project}-{environment.environment}-doctor-{examination.new_id()}"
    text = (
        f"promote doctor tries whether alerts of {environment.environment} arrive. This one did: "
        f"nothing is wrong, and there is nothing to do. ({name})"
    )
    route = Route(name, environment.alerts_topic_arn, text)
    if DeliveryProbe(examination.deploy).arrives(route, TIMEOUT_SECONDS):
        return verdict([], f"an event arrived through {environment.alerts_topic_arn}")
    what = f"an event did not arrive within {TIMEOUT_SECONDS} s"
    return verdict([Finding(what, environment.alerts_topic_arn)], "")
