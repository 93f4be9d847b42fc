"""CloudWatch Logs: groups and streams.

Actions on a group are asked for with the group's ARN and ``:log-stream:``, which is why
policies end a group's ARN in ``:*``; tagging takes the plain ARN.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.authorization.generic import by_tables, request_tags, table_action
from sandbox.authorization.requirement import Requirement, arn, is_arn, need

if TYPE_CHECKING:
    from sandbox.services.call import Call

_PLAIN = {"TagResource", "UntagResource", "ListTagsForResource"}


def required(call: Call) -> tuple[Requirement, ...]:
    """Return what a Logs operation needs."""
    given = call.parameters
    kinds = {kind.name for kind in table_action(call).resources}
    if call.operation in _PLAIN or not kinds & {"log-group", "log-stream"}:
        return by_tables(call)
    groups = [str(one) for one in _groups(call)]
    if not groups:
        return by_tables(call)
    stream = str(given.get("logStreamName") or "") if "log-stream" in kinds else ""
    tags = request_tags(call)
    found = [
        need(call, table_action(call).name, f"{group_arn(call, one)}:log-stream:{stream}", tags)
        for one in groups
    ]
    if call.operation == "CreateLogGroup" and tags:
        found.append(need(call, "logs:TagResource", group_arn(call, groups[0]), tags))
    return tuple(found)


def group_arn(call: Call, group: str) -> str:
    """Return a log group's plain ARN for its name or ARN."""
    if is_arn(group):
        return group.removesuffix(":*")
    return arn(call, "logs", f"log-group:{group}")


def _groups(call: Call) -> list[object]:
    given = call.parameters
    single = given.get("logGroupName") or given.get("logGroupIdentifier")
    several = given.get("logGroupNames") or given.get("logGroupIdentifiers") or []
    return [single] if single else list(several)
