"""Which account owns the resource that a request names.

Pure. moto looks resources up in the caller's account; on AWS an ARN, or a queue's URL, of
another account reaches that account. S3 needs no routing: bucket names are global, in moto
too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container

    from sandbox.model import Document
    from sandbox.services.call import Call

# The parameter of each service's operations that may name another account's resource.
_NAMED_BY = {
    "dynamodb": ("TableName",),
    "kms": ("KeyId",),
    "lambda": ("FunctionName",),
    "sns": ("TopicArn", "TargetArn"),
    "sqs": ("QueueUrl",),
    "secretsmanager": ("SecretId",),
}
_QUEUE_URL = re.compile(r"https?://[^/]+/(\d{12})/[^/]+")
_PARTIAL_ARN = re.compile(r"(\d{12}):function:")
_ARN_ACCOUNT = 4


def owner(call: Call, accounts: Container[str]) -> str:
    """Return the account that serves a call: the caller's unless it names another's resource.

    Args:
        call: The call.
        accounts: Ids of the emulated accounts; an unknown account is left to the service,
            which answers that there is no such resource.
    """
    names = _NAMED_BY.get(call.service, ())
    if not names or not call.operation or call.protocol == "cbor":
        return call.account_id
    return _owner(call.parameters, names, accounts) or call.account_id


def _owner(parameters: Document, names: tuple[str, ...], accounts: Container[str]) -> str | None:
    for name in names:
        found = account_of(str(parameters.get(name, "")))
        if found and found in accounts:
            return found
    return None


def account_of(identifier: str) -> str | None:
    """Return the account in an ARN, a function's partial ARN or a queue's URL, else ``None``."""
    if identifier.startswith("arn:"):
        parts = identifier.split(":")
        return parts[_ARN_ACCOUNT] or None if len(parts) > _ARN_ACCOUNT else None
    found = _QUEUE_URL.match(identifier) or _PARTIAL_ARN.match(identifier)
    return found[1] if found else None
