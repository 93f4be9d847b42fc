"""Roles that a request hands to a service, wherever in its parameters they are.

Pure. For services whose modules do not know better: a role's ARN below a name with "role" in it.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sandbox.authorization.requirement import Requirement, pass_role
from sandbox.authorization.tables import prefix_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.services.call import Call

_ROLE = re.compile(r"arn:aws:iam::\d{12}:role/.+")
_READS = ("BatchGet", "Describe", "Get", "List", "Search")


def passed_roles(call: Call) -> tuple[Requirement, ...]:
    """Return ``iam:PassRole`` for each role that a request hands over."""
    if call.operation.startswith(_READS):
        return ()
    roles = sorted(set(_roles("", call.parameters)))
    service = f"{prefix_of(call.service)}.amazonaws.com"
    return tuple(one for role in roles for one in pass_role(call, role, service))


def _roles(name: str, value: object) -> Iterator[str]:
    if isinstance(value, dict):
        # Attributes of topics and subscriptions are set by name and value.
        attribute = str(value.get("AttributeName", ""))
        for key, inner in value.items():
            yield from _roles(attribute if key == "AttributeValue" else str(key), inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _roles(name, inner)
    elif isinstance(value, str) and "role" in name.lower() and _ROLE.fullmatch(value):
        yield value
