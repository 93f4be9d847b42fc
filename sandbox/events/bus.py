"""Event buses: an event comes in, every enabled rule that matches sends it to its targets.

Reads moto's stored buses, rules and targets; queues deliveries. Delivery happens in the
background, as on AWS.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from moto.events.models import events_backends

from sandbox.authorization.statements import Asker, decide
from sandbox.clock import iso
from sandbox.events.deliveries import FAILED, Deliveries, Delivery
from sandbox.events.patterns import matches, parse_pattern
from sandbox.events.permissions import context_for
from sandbox.events.targets import Shipment, Targets
from sandbox.model import Document, ServiceError

if TYPE_CHECKING:
    from sandbox.accounts import Account
    from sandbox.model import AwsAccess, Clock

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
    """

    def __init__(
        self,
        accounts: tuple[Account, ...],
        clock: Clock,
        deliveries: Deliveries,
        aws: AwsAccess,
    ) -> None:
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
        found = events_backends[account_id][region].event_buses.get(bus)
        if found is None:
            raise ServiceError(
                "ResourceNotFoundException", f"Event bus {bus} does not exist in {account_id}."
            )
        for rule in list(found.rules.values()):
            text = rule.event_pattern.dump()
            if rule.state != "DISABLED" and text and matches(_cached_pattern(text), event):
                self.send_to_targets(rule, event)

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

    def require_put(self, account_id: str, region: str, bus: str, caller: Asker) -> None:
        """Return when a bus's policy lets another account put events on it.

        Raises:
            ServiceError: ``AccessDeniedException`` when it does not; ``ResourceNotFoundException``
                when there is no such bus.
        """
        found = events_backends[account_id][region].event_buses.get(bus)
        if found is None:
            raise ServiceError(
                "ResourceNotFoundException", f"Event bus {bus} does not exist in {account_id}."
            )
        decision = decide(
            found.policy,
            who=caller,
            action="events:PutEvents",
            context=context_for(found.arn),
            resource=found.arn,
        )
        if not decision.allowed:
            raise ServiceError(
                "AccessDeniedException",
                f"not authorized to perform: events:PutEvents on resource: {found.arn}; of its "
                f"resource policy: {decision.reason}",
                400,
            )

    def _forward(self, account_id: str, region: str, bus: str, event: Document) -> None:
        if account_id != event["account"]:
            source = event["account"]
            names = frozenset({source, f"arn:aws:iam::{source}:root"})
            self.require_put(account_id, region, bus, Asker(names))
        self.publish(account_id, region, bus, event)

    def _bury(self, shipment: Shipment, code: str, message: str, attempts: int) -> bool:
        try:
            return self._targets.bury(shipment, code, message, attempts)
        except ServiceError as error:
            self._deliveries.note(
                Delivery(
                    kind="event",
                    account=shipment.rule_arn.split(":")[4],
                    source=shipment.rule_arn,
                    target=shipment.target["DeadLetterConfig"]["Arn"],
                    detail={"event_id": shipment.event["id"]},
                    status=FAILED,
                    error=f"dead-letter queue: {error.code}: {error.message}",
                )
            )
            return False
