"""The EventBridge operations that moto gets wrong or lacks.

PutEvents (delivery), PutRule (patterns and schedules are checked), PutTargets (buses of other
accounts need a role), PutPermission (a policy replaces the one before it), TestEventPattern.
Delegates the storing of rules, targets and permissions to moto.
"""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sandbox.authorization.services.events import entry_requirement
from sandbox.events.patterns import matches, parse_pattern
from sandbox.events.schedule import check_expression
from sandbox.model import Document, ServiceError

if TYPE_CHECKING:
    from sandbox.authorization.authorizer import Authorizer
    from sandbox.events.bus import EventBuses
    from sandbox.events.schedule import Scheduler
    from sandbox.services.answer import Answer
    from sandbox.services.call import Call
    from sandbox.services.moto_server import MotoServer

_MAXIMUM_ENTRIES = 10
_OK = 200


class EventsApi:
    """Serves EventBridge operations.

    Args:
        buses: Where events go.
        scheduler: Told of scheduled rules.
        moto: Stores rules.
        authorizer: Decides whether another account's bus takes an event.
    """

    def __init__(
        self,
        buses: EventBuses,
        scheduler: Scheduler,
        moto: MotoServer,
        authorizer: Authorizer,
    ) -> None:
        self._authorizer = authorizer
        self._buses = buses
        self._scheduler = scheduler
        self._moto = moto

    def put_events(self, call: Call) -> Document:
        """Serve PutEvents: an entry that is refused does not stop the others."""
        entries = call.parameters.get("Entries") or []
        if not 1 <= len(entries) <= _MAXIMUM_ENTRIES:
            raise ServiceError(
                "ValidationException",
                f"{len(entries)} entries: PutEvents takes 1 to {_MAXIMUM_ENTRIES}",
            )
        answers = [self._put(call, entry) for entry in entries]
        failed = sum("ErrorCode" in answer for answer in answers)
        return {"FailedEntryCount": failed, "Entries": answers}

    def put_rule(self, call: Call) -> Answer:
        """Serve PutRule: refuse what would never match or fire, then let moto store it."""
        pattern = call.parameters.get("EventPattern")
        expression = call.parameters.get("ScheduleExpression")
        if pattern:
            parse_pattern(pattern)
        if expression:
            check_expression(expression)
        answer = self._moto.serve(call)
        if expression and answer.status == _OK:
            self._scheduler.rule_written(json.loads(answer.body)["RuleArn"], expression)
        return answer

    def put_targets(self, call: Call) -> Answer:
        """Serve PutTargets: a bus or topic of another account is reached with a role only.

        https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-account.html
        https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-cross-account.html
        """
        for target in call.parameters.get("Targets") or []:
            arn = str(target.get("Arn", ""))
            if _needs_role(arn, call.account_id) and not target.get("RoleArn"):
                raise ServiceError("ValidationException", f"RoleArn is required for target {arn}.")
        return self._moto.serve(call)

    def put_permission(self, call: Call) -> Answer:
        """Serve PutPermission: ``Policy`` replaces the bus's policy; moto would add to it.

        https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutPermission.html
        """
        before = self._buses.policy_statements(call)
        kept = dict(before)
        if call.parameters.get("Policy"):
            before.clear()
        answer = self._moto.serve(call)
        if answer.status != _OK:
            before.update(kept)
        return answer

    def test_event_pattern(self, call: Call) -> Document:
        """Serve TestEventPattern."""
        try:
            event = json.loads(call.parameters["Event"])
        except json.JSONDecodeError as error:
            raise ServiceError("ValidationException", f"Event is not JSON: {error}") from error
        return {"Result": matches(parse_pattern(call.parameters["EventPattern"]), event)}

    def _put(self, call: Call, entry: Document) -> Document:
        missing = [name for name in ("Source", "DetailType", "Detail") if not entry.get(name)]
        if str(entry.get("Source", "")).startswith("aws."):
            # Only AWS's own services speak in their names.
            # https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html
            code = "NotAuthorizedForSourceException"
            return {"ErrorCode": code, "ErrorMessage": "Not authorized for the source."}
        if missing:
            message = (
                f"Parameter {missing[0]} is not valid. Reason: {missing[0]} is a required argument."
            )
            return {"ErrorCode": "InvalidArgument", "ErrorMessage": message}
        try:
            detail = json.loads(entry["Detail"])
        except json.JSONDecodeError:
            detail = None
        if not isinstance(detail, dict):
            return {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}
        try:
            return {"EventId": self._publish(call, entry, detail)}
        except ServiceError as error:
            return {"ErrorCode": error.code, "ErrorMessage": error.message}

    def _publish(self, call: Call, entry: Document, detail: Document) -> str:
        account, region, bus = _bus(entry.get("EventBusName") or "default", call)
        if account != call.principal.account_id:
            self._authorizer.require(call, entry_requirement(call, entry))
        event = self._buses.envelope(
            call.principal.account_id,
            region,
            {
                "id": str(uuid.uuid4()),
                "source": entry["Source"],
                "detail-type": entry["DetailType"],
                "resources": entry.get("Resources") or [],
                "time": _time(entry.get("Time")),
                "detail": detail,
            },
        )
        self._buses.publish(account, region, bus, event)
        return str(event["id"])


def _bus(name: str, call: Call) -> tuple[str, str, str]:
    """Return account, region and name of a bus given by name or ARN."""
    if not name.startswith("arn:"):
        return call.principal.account_id, call.region, name
    parts = name.split(":")
    return parts[4], parts[3], parts[5].removeprefix("event-bus/")


def _needs_role(arn: str, account_id: str) -> bool:
    parts = arn.split(":", 5)
    taken = parts[2:3] == ["sns"] or (
        parts[2:3] == ["events"] and parts[-1].startswith("event-bus/")
    )
    return taken and parts[4] != account_id


def _time(value: float | str | None) -> datetime | None:
    if value is None:
        return None
    if isinstance(value, (int, float)):
        return datetime.fromtimestamp(value, UTC)
    return datetime.fromisoformat(value)
