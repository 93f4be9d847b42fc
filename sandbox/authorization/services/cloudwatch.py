"""CloudWatch: alarms, dashboards and metrics.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/permissions-reference-cw.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.authorization.generic import by_tables, request_tags, table_action
from sandbox.authorization.requirement import Requirement, Values, arn, need

if TYPE_CHECKING:
    from sandbox.services.call import Call

_ACTIONS = ("AlarmActions", "OKActions", "InsufficientDataActions")


def required(call: Call) -> tuple[Requirement, ...]:
    """Return what a CloudWatch operation needs."""
    given = call.parameters
    context: dict[str, Values] = {}
    if call.operation == "PutMetricData":
        context["cloudwatch:namespace"] = (str(given.get("Namespace", "")),)
    actions = [str(one) for name in _ACTIONS for one in given.get(name) or []]
    if actions:
        context["cloudwatch:alarmactions"] = tuple(dict.fromkeys(actions))
    several = {"AlarmNames": "alarm:{}", "DashboardNames": ""}
    for name, resource in several.items():
        values = [str(one) for one in given.get(name) or []]
        if values:
            form = resource or f"arn:aws:cloudwatch::{call.account_id}:dashboard/{{}}"
            return tuple(
                need(call, table_action(call).name, _arn(call, form.format(one)), context)
                for one in values
            )
    found = by_tables(call, context=context)
    tags = request_tags(call)
    if call.operation.startswith("Put") and tags:
        found += (need(call, "cloudwatch:TagResource", found[0].resource_arn, tags),)
    return found


def _arn(call: Call, resource: str) -> str:
    return resource if resource.startswith("arn:") else arn(call, "cloudwatch", resource)
