"""Lambda: functions by name, partial ARN or ARN, with a qualifier; roles that are passed.

https://docs.aws.amazon.com/lambda/latest/dg/lambda-api-permissions-ref.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from sandbox.authorization.generic import by_tables, request_tags, table_action
from sandbox.authorization.requirement import (
    Requirement,
    Values,
    is_arn,
    need,
    pass_role,
)
from sandbox.authorization.services.s3 import bucket_arn

if TYPE_CHECKING:
    from sandbox.services.call import Call

SERVICE = "lambda.amazonaws.com"
_NAMES = {
    "Invoke": "InvokeFunction",
    "InvokeWithResponseStream": "InvokeFunction",
    "GetLayerVersionByArn": "GetLayerVersion",
}
_WITH_ROLE = {"CreateFunction", "UpdateFunctionConfiguration"}
_WITH_CODE = {"CreateFunction", "UpdateFunctionCode"}


def required(call: Call) -> tuple[Requirement, ...]:
    """Return what a Lambda operation needs."""
    action = _NAMES.get(call.operation, call.operation)
    if "EventSourceMapping" in call.operation:
        return by_tables(call, action, context=_mapping_context(call))
    name = call.uri_parameters.get("FunctionName") or call.parameters.get("FunctionName")
    if not name:
        return by_tables(call, action, names=_uri_names(call))
    function = function_arn(call, str(name))
    tags = request_tags(call)
    found = [need(call, table_action(call, action).name, function, {**tags, **_context(call)})]
    if call.operation == "CreateFunction" and tags:
        found.append(need(call, "lambda:TagResource", function, tags))
    if call.operation in _WITH_ROLE:
        found += pass_role(call, call.parameters.get("Role"), SERVICE)
    if call.operation in _WITH_CODE:
        found += _code(call)
    return tuple(found)


def function_arn(call: Call, name: str) -> str:
    """Return a function's ARN for its name in any form; with the qualifier when one is given."""
    if not is_arn(name):
        # NAME, NAME:QUALIFIER or ACCOUNT:function:NAME.
        account, separator, rest = name.partition(":function:")
        name = rest if separator else name
        account = account if separator else call.account_id
        name = f"arn:aws:lambda:{call.region}:{account}:function:{name}"
    qualifier = parse_qs(call.environ.get("QUERY_STRING", "")).get("Qualifier", [""])[0]
    return f"{name}:{qualifier}" if qualifier and name.count(":") == 6 else name  # noqa: PLR2004


def _uri_names(call: Call) -> dict[str, str]:
    return {name.lower(): str(value) for name, value in call.uri_parameters.items()}


def _context(call: Call) -> dict[str, Values]:
    if call.operation == "AddPermission":
        return {"lambda:principal": (str(call.parameters.get("Principal", "")),)}
    return {}


def _mapping_context(call: Call) -> dict[str, Values]:
    name = call.parameters.get("FunctionName")
    return {"lambda:functionarn": (function_arn(call, str(name)),)} if name else {}


def _code(call: Call) -> tuple[Requirement, ...]:
    """Return the reading of a package in S3, which Lambda does as the caller."""
    code = call.parameters.get("Code") or call.parameters
    if not code.get("S3Bucket"):
        return ()
    version = code.get("S3ObjectVersion")
    action = "s3:GetObjectVersion" if version else "s3:GetObject"
    return (need(call, action, f"{bucket_arn(code['S3Bucket'])}/{code.get('S3Key', '')}"),)
