"""EventBridge: rules on buses, targets with roles, events with their sources.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-conditions.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sandbox.authorization.generic import by_tables, request_tags, table_action
from sandbox.authorization.requirement import (
    Requirement,
    Values,
    arn,
    is_arn,
    need,
    pass_role,
)

if TYPE_CHECKING:
    from sandbox.model import Document
    from sandbox.services.call import Call

SERVICE = "events.amazonaws.com"
_ON_RULES = {
    "DeleteRule",
    "DescribeRule",
    "DisableRule",
    "EnableRule",
    "ListTargetsByRule",
    "PutRule",
    "PutTargets",
    "RemoveTargets",
}
_ON_BUSES = {"DescribeEventBus", "PutPermission", "RemovePermission"}


def required(call: Call) -> tuple[Requirement, ...]:
    """Return what an EventBridge operation needs."""
    given = call.parameters
    if call.operation == "PutEvents":
        return _put_events(call)
    if call.operation in _ON_RULES:
        return _on_rule(call)
    if call.operation in _ON_BUSES:
        bus = bus_arn(call, given.get("EventBusName") or given.get("Name"))
        return (need(call, table_action(call).name, bus),)
    names = {"eventbusname": str(given["Name"])} if given.get("Name") else {}
    found = by_tables(call, names=names)
    if call.operation == "CreateEventBus" and request_tags(call):
        found += (need(call, "events:TagResource", found[0].resource_arn, request_tags(call)),)
    return found


def bus_arn(call: Call, name: object) -> str:
    """Return a bus's ARN for its name or ARN; the default bus when none is given."""
    if is_arn(name):
        return str(name)
    return arn(call, "events", f"event-bus/{name or 'default'}")


def entry_requirement(call: Call, entry: Document) -> Requirement:
    """Return what one entry of PutEvents needs."""
    keys: dict[str, Values] = {
        "events:source": (str(entry.get("Source", "")),),
        "events:detail-type": (str(entry.get("DetailType", "")),),
        "events:eventbusinvocation": ("false",),
    }
    return need(call, "events:PutEvents", bus_arn(call, entry.get("EventBusName")), keys)


def _put_events(call: Call) -> tuple[Requirement, ...]:
    """Return a requirement for each bus of the account, source and detail type.

    Entries for another account's bus are refused one by one, by the operation itself.
    """
    found: list[Requirement] = []
    for entry in call.parameters.get("Entries") or []:
        one = entry_requirement(call, entry)
        if one.resource_account == call.account_id and one not in found:
            found.append(one)
    return tuple(found)


def _on_rule(call: Call) -> tuple[Requirement, ...]:
    given = call.parameters
    place, _, bus = bus_arn(call, given.get("EventBusName")).partition(":event-bus/")
    name = str(given.get("Rule") or given.get("Name") or "")
    rule = f"{place}:rule/{name}" if bus == "default" else f"{place}:rule/{bus}/{name}"
    tags = request_tags(call)
    found = [need(call, table_action(call).name, rule, {**tags, **_context(call)})]
    if call.operation == "PutRule":
        found += pass_role(call, given.get("RoleArn"), SERVICE)
        found += [need(call, "events:TagResource", rule, tags)] if tags else []
    for target in given.get("Targets") or []:
        found += pass_role(call, target.get("RoleArn"), SERVICE)
    return tuple(found)


def _context(call: Call) -> dict[str, Values]:
    keys: dict[str, Values] = {"events:creatoraccount": (call.account_id,)}
    given = call.parameters
    if given.get("Targets"):
        keys["events:targetarn"] = tuple(str(one.get("Arn", "")) for one in given["Targets"])
    pattern = _pattern(given.get("EventPattern"))
    for member in ("source", "detail-type"):
        if isinstance(pattern.get(member), list):
            texts = tuple(value for value in pattern[member] if isinstance(value, str))
            keys |= {f"events:{member}": texts} if texts else {}
    return keys


def _pattern(text: object) -> Document:
    try:
        pattern = json.loads(str(text)) if text else {}
    except json.JSONDecodeError:
        return {}  # PutRule refuses it
    return pattern if isinstance(pattern, dict) else {}
