"""STS: assuming roles; what tells callers who they are needs no permission."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.authorization.generic import by_tables, request_tags
from sandbox.authorization.requirement import Requirement, Values, need

if TYPE_CHECKING:
    from sandbox.services.call import Call

# https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
_FREE = {"GetCallerIdentity", "GetSessionToken"}


def required(call: Call) -> tuple[Requirement, ...]:
    """Return what an STS operation needs."""
    if call.operation in _FREE:
        return ()
    if call.operation != "AssumeRole":
        return by_tables(call)
    role = str(call.parameters.get("RoleArn", ""))
    context = _context(call)
    found = [need(call, "sts:AssumeRole", role, context)]
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
    if call.parameters.get("Tags"):
        found.append(need(call, "sts:TagSession", role, context))
    if call.parameters.get("SourceIdentity"):
        found.append(need(call, "sts:SetSourceIdentity", role, context))
    return tuple(found)


def _context(call: Call) -> dict[str, Values]:
    given = call.parameters
    keys = {
        "sts:externalid": given.get("ExternalId"),
        "sts:rolesessionname": given.get("RoleSessionName"),
        "sts:sourceidentity": given.get("SourceIdentity"),
        "sts:durationseconds": given.get("DurationSeconds"),
    }
    present = {name: (str(value),) for name, value in keys.items() if value}
    return {**present, **request_tags(call)}
