"""Event buses: an event comes in, every enabled rule that matches sends it to its targets.

Reads moto's stored buses, rules and targets; queues deliveries. Delivery happens in the
background, as on AWS.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from moto.events.models import events_backends

from sandbox.authorization.callers import account_caller, role_caller
from sandbox.authorization.context import Surroundings
from sandbox.authorization.denials import message
from sandbox.authorization.requirement import Requirement
from sandbox.authorization.trust import require_service_trust
from sandbox.clock import iso
from sandbox.events.deliveries import FAILED, Deliveries, Delivery, describe
from sandbox.events.patterns import matches, parse_pattern
from sandbox.events.targets import EVENTS, Shipment, Targets
from sandbox.model import Document, ServiceError

if TYPE_CHECKING:
    from sandbox.accounts import Account
    from sandbox.authorization.judge import Judge
    from sandbox.authorization.request import Caller
    from sandbox.model import AwsAccess, Clock
    from sandbox.services.call import Call

# EventBridge retries 185 times over 24 hours; nobody waits that long here.
_MAXIMUM_RETRIES = 3

_cached_pattern = lru_cache(maxsize=1024)(parse_pattern)


class EventBuses:
    """Publishes events to the buses of all accounts.

    Args:
        accounts: The emulated accounts, for their home regions.
        clock: Virtual time.
        deliveries: Runs and records deliveries.
        aws: Clients for the targets.
        judge: Decides whether another bus takes an event.
    """

    def __init__(
        self,
        accounts: tuple[Account, ...],
        clock: Clock,
        deliveries: Deliveries,
        aws: AwsAccess,
        judge: Judge,
    ) -> None:
        self._judge = judge
        self._regions = {account.account_id: account.region for account in accounts}
        self._clock = clock
        self._deliveries = deliveries
        self._targets = Targets(aws, self._forward)

    def emit(self, account_id: str, event: Document) -> None:
        """Publish what an AWS service tells an account's default bus (``model.Emit``)."""
        region = str(event.get("region") or self._regions[account_id])
        self.publish(account_id, region, "default", self.envelope(account_id, region, event))

    def envelope(self, account_id: str, region: str, event: Document) -> Document:
        """Complete an event to the form that rules and targets see.

        https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
        """
        time = event.get("time") or self._clock.now()
        return {
            "version": "0",
            "id": event.get("id") or str(uuid.uuid4()),
            "detail-type": event["detail-type"],
            "source": event["source"],
            "account": event.get("account") or account_id,
            "time": iso(time) if isinstance(time, datetime) else time,
            "region": region,
            "resources": list(event.get("resources", [])),
            "detail": event["detail"],
        }

    def publish(self, account_id: str, region: str, bus: str, event: Document) -> None:
        """Send a whole event to the targets of the matching rules of a bus.

        Raises:
            ServiceError: ``ResourceNotFoundException`` when there is no such bus.
        """
        found = self._bus(account_id, region, bus)
        for rule in list(found.rules.values()):
            text = rule.event_pattern.dump()
            if rule.state != "DISABLED" and text and matches(_cached_pattern(text), event):
                self.send_to_targets(rule, event)

    def policy_statements(self, call: Call) -> dict[str, Any]:
        """Return the statements of the policy of the bus that a call names, by their ids.

        They are moto's own: what is changed here, is changed there.

        Raises:
            ServiceError: ``ResourceNotFoundException`` when there is no such bus.
        """
        name = str(call.parameters.get("EventBusName") or "default").rsplit("/", 1)[-1]
        found = self._bus(call.account_id, call.region, name)
        statements: dict[str, Any] = found._statements
        return statements

    def _bus(self, account_id: str, region: str, name: str) -> Any:
        found = events_backends[account_id][region].event_buses.get(name)
        if found is None:
            raise ServiceError(
                "ResourceNotFoundException", f"Event bus {name} does not exist in {account_id}."
            )
        return found

    def send_to_targets(self, rule: Any, event: Document) -> None:
        """Queue the delivery of an event to each target of a rule (moto's ``Rule``)."""
        for target in list(rule.targets):
            shipment = Shipment(rule.arn, dict(target), event)
            record = Delivery(
                kind="event",
                account=rule.account_id,
                source=rule.arn,
                target=shipment.arn,
                detail={
                    "event_id": event["id"],
                    "event_source": event["source"],
                    "detail_type": event["detail-type"],
                    "target_id": target["Id"],
                },
            )
            policy = target.get("RetryPolicy") or {}
            self._deliveries.run(
                record,
                partial(self._targets.send, shipment),
                retries=min(policy.get("MaximumRetryAttempts", _MAXIMUM_RETRIES), _MAXIMUM_RETRIES),
                bury=partial(self._bury, shipment),
            )

    def _forward(self, shipment: Shipment) -> None:
        """Put an event on a target bus: as the target's role, else as the rule's account.

        What came from another account goes to no further one.
        https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-account.html
        https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
        """
        account, own = shipment.account_id, shipment.rule_arn.split(":")[4]
        if account != own and shipment.event["account"] != own:
            origin = shipment.event["account"]
            raise ServiceError(
                "THIRD_ACCOUNT_HOP_DETECTED",
                f"the event of account {origin} was forwarded to {own} and cannot be forwarded "
                f"again, to {account}",
            )
        role_arn = shipment.target.get("RoleArn")
        if role_arn:
            require_service_trust(self._judge, role_arn, EVENTS, source_arn=shipment.rule_arn)
        if role_arn or account != own:
            caller = role_caller(role_arn, "events") if role_arn else account_caller(own)
            self._require_put(shipment, caller)
        name = shipment.arn.rsplit("/", 1)[-1]
        self.publish(account, shipment.region, name, shipment.event)

    def _require_put(self, shipment: Shipment, caller: Caller) -> None:
        event = shipment.event
        keys = {
            "events:source": (str(event["source"]),),
            "events:detail-type": (str(event["detail-type"]),),
            "events:eventbusinvocation": ("true",),
        }
        need = Requirement("events:PutEvents", shipment.arn, shipment.account_id, keys)
        around = Surroundings(shipment.region, "events")
        _, decision = self._judge.decide(caller, need, around, operation="events:PutEvents")
        if not decision.allowed:
            text = message(caller, need, decision.reason)
            raise ServiceError("AccessDeniedException", text)

    def _bury(self, shipment: Shipment, code: str, message: str, attempts: int) -> bool:
        try:
            return self._targets.bury(shipment, code, message, attempts)
        except (ClientError, ServiceError) as error:
            why_code, why = describe(error)
            self._deliveries.note(
                Delivery(
                    kind="event",
                    account=shipment.rule_arn.split(":")[4],
                    source=shipment.rule_arn,
                    target=shipment.target["DeadLetterConfig"]["Arn"],
                    detail={"event_id": shipment.event["id"]},
                    status=FAILED,
                    error=f"dead-letter queue: {why_code}: {why}",
                )
            )
            return False
