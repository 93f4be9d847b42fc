"""S3 Control: account settings and tags of buckets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.authorization.generic import by_tables, table_action
from sandbox.authorization.requirement import Requirement, need

if TYPE_CHECKING:
    from sandbox.services.call import Call

_ACCOUNT = {
    "GetPublicAccessBlock": "GetAccountPublicAccessBlock",
    "PutPublicAccessBlock": "PutAccountPublicAccessBlock",
    "DeletePublicAccessBlock": "PutAccountPublicAccessBlock",
}


def required(call: Call) -> tuple[Requirement, ...]:
    """Return what an S3 Control operation needs."""
    if call.operation in _ACCOUNT:
        return (need(call, table_action(call, _ACCOUNT[call.operation]).name),)
    return by_tables(call)
