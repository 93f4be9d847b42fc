"""Resource policies: of buckets, keys, topics, queues, functions, buses and so on.

Reads moto's stores. A resource that does not exist has no policy.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda.models import lambda_backends
from moto.dynamodb.models import dynamodb_backends
from moto.ecr.models import ecr_backends
from moto.events.models import events_backends
from moto.logs.models import logs_backends
from moto.secretsmanager.models import secretsmanager_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

from sandbox.authorization import names
from sandbox.authorization.requirement import account_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.authorization.requirement import Requirement

_ARN_PARTS = 6
_BUCKET = "arn:aws:s3:::"
_WITH_QUALIFIER = 8


def policy_text(requirement: Requirement, group_policy: Callable[[str], str | None]) -> str | None:
    """Return the policy of the resource that a requirement is about, ``None`` without one."""
    arn = requirement.resource_arn
    parts = arn.split(":", _ARN_PARTS - 1)
    if len(parts) < _ARN_PARTS:
        return None
    if parts[2] == "iam":
        # A role's trust policy is about assuming it, and nothing else.
        return _trust(arn) if requirement.action.startswith("sts:") else None
    if parts[2] == "sagemaker":
        return _group(arn, group_policy)
    read = _READ.get(parts[2])
    return read(arn) if read else None


def holder_arn(arn: str) -> str:
    """Return the ARN of what holds the policy of a resource.

    That is the bucket of an object, the group of a model package, the table of an index and the
    function of a version or an alias; anything else holds its own.
    """
    service = arn.split(":", 3)[2] if arn.startswith("arn:") else ""
    if service == "s3":
        return arn.split("/", 1)[0]
    if service == "sagemaker":
        return _group_arn(arn)
    if service == "dynamodb":
        return arn.split("/index/", 1)[0]
    if service == "lambda":
        return ":".join(arn.split(":")[: _WITH_QUALIFIER - 1])
    return arn


def _group_arn(arn: str) -> str:
    head, _, rest = arn.partition(":model-package/")
    return f"{head}:model-package-group/{rest.split('/', 1)[0]}" if rest else arn


def _trust(arn: str) -> str | None:
    role = names.role(account_in(arn), arn.rsplit("/", 1)[-1])
    if role is None:
        return None
    policy = role.assume_role_policy_document
    text = policy if isinstance(policy, str) else json.dumps(policy)
    return unquote(text) if text.startswith("%") else text


def _group(arn: str, group_policy: Callable[[str], str | None]) -> str | None:
    """Return the policy of a model package group, which is its versions' policy too."""
    group = _group_arn(arn)
    return group_policy(group) if ":model-package-group/" in group else None


def _s3(arn: str) -> str | None:
    bucket = names.bucket(arn.removeprefix(_BUCKET).split("/", 1)[0])
    policy = bucket.policy if bucket is not None else None
    return policy.decode() if isinstance(policy, bytes) else policy


def _kms(arn: str) -> str | None:
    key = names.kms_key(arn)
    return str(key.policy) if key is not None else None


def _sns(arn: str) -> str | None:
    topic = _backend(sns_backends, arn).topics.get(arn)
    return str(topic.policy) if topic is not None else None


def _sqs(arn: str) -> str | None:
    queue = _backend(sqs_backends, arn).queues.get(arn.rsplit(":", 1)[-1])
    return queue.policy if queue is not None else None


def _function(arn: str) -> str | None:
    parts = arn.split(":")
    qualifier = parts[7] if len(parts) >= _WITH_QUALIFIER else None
    try:
        stored = _backend(lambda_backends, arn).get_function(parts[6], qualifier)
    except UnknownFunctionException:
        return None
    if not stored.policy.statements:
        return None
    document = stored.policy.get_policy()["Policy"]
    statements = [
        {**one, "Principal": _principal(one["Principal"])} for one in document["Statement"]
    ]
    return json.dumps({**document, "Statement": statements})


def _principal(given: object) -> object:
    """Return a permission's principal as AWS shows it; moto keeps accounts as they came."""
    if not isinstance(given, str) or given == "*":
        return given
    return {"Service": given} if given.endswith(".amazonaws.com") else {"AWS": given}


def _bus(arn: str) -> str | None:
    name = arn.rsplit("/", 1)[-1]
    bus = _backend(events_backends, arn).event_buses.get(name)
    return bus.policy if bus is not None else None


def _table(arn: str) -> str | None:
    stored = _backend(dynamodb_backends, arn).resource_policies.get(holder_arn(arn))
    return str(stored.policy_doc) if stored is not None else None


def _repository(arn: str) -> str | None:
    stored = _backend(ecr_backends, arn).repositories.get(arn.split("repository/", 1)[-1])
    if stored is None or not stored.policy:
        return None
    # A repository's policy names no resource: it is about itself.
    document = json.loads(stored.policy)
    statements = document["Statement"]
    for statement in statements if isinstance(statements, list) else [statements]:
        statement.setdefault("Resource", "*")
    return json.dumps(document)


def _secret(arn: str) -> str | None:
    secrets = list(_backend(secretsmanager_backends, arn).secrets.values())
    return next((one.policy for one in secrets if one.arn == arn), None)


def _log_groups(arn: str) -> str | None:
    """Return the account's policies on log groups, which hang on none of them, as one."""
    stored = list(_backend(logs_backends, arn).resource_policies.values())
    statements: list[Any] = []
    for policy in stored:
        given = json.loads(policy.policy_document)["Statement"]
        statements += given if isinstance(given, list) else [given]
    return json.dumps({"Version": "2012-10-17", "Statement": statements}) if statements else None


def _backend(backends: Any, arn: str) -> Any:
    return backends[account_in(arn)][arn.split(":")[3]]


_READ: Mapping[str, Callable[[str], str | None]] = {
    "dynamodb": _table,
    "ecr": _repository,
    "events": _bus,
    "kms": _kms,
    "lambda": _function,
    "logs": _log_groups,
    "s3": _s3,
    "secretsmanager": _secret,
    "sns": _sns,
    "sqs": _sqs,
}
