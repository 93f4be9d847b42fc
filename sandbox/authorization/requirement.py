"""One thing that a call needs, and how the ARNs in it are made.

Pure.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sandbox.model import Document
    from sandbox.services.call import Call

Values = tuple[str, ...]
_ARN_ACCOUNT = 4
_TAG_KEYS = ("Key", "key", "TagKey")
_TAG_VALUES = ("Value", "value", "TagValue")


class UnmappedOperationError(Exception):
    """Nothing tells which IAM actions an operation needs: it is denied, never let through."""

    def __init__(self, operation: str) -> None:
        self.operation = operation
        super().__init__(operation)


@dataclass(frozen=True)
class Requirement:
    """An action that must be allowed on a resource.

    Attributes:
        action: Such as ``s3:GetObject``.
        resource_arn: ARN, or ``*`` for actions without resources.
        resource_account: Account that owns the resource.
        context: Condition keys that come from the request's own parameters, in lower case.
        service: Service principal that is asked instead of the caller, such as the Logs
            service for the key of a log group; empty for the caller.
        role_arn: Role whose session is asked instead of the caller; empty for the caller.
        via: Service that asks on the caller's behalf, such as ``s3``; empty for a call that
            the caller makes itself.
    """

    action: str
    resource_arn: str
    resource_account: str
    context: Mapping[str, Values] = field(default_factory=dict)
    service: str = ""
    role_arn: str = ""
    via: str = ""

    def with_context(self, more: Mapping[str, Values]) -> Requirement:
        """Return the same with more condition keys."""
        return replace(self, context={**self.context, **more})


def need(
    call: Call, action: str, resource_arn: str = "*", context: Mapping[str, Values] | None = None
) -> Requirement:
    """Return a requirement; the resource's account is the ARN's, else the call's."""
    return Requirement(
        action, resource_arn, account_in(resource_arn) or call.account_id, context or {}
    )


def account_in(arn: str) -> str:
    """Return the account of an ARN, empty when it names none."""
    parts = arn.split(":", _ARN_ACCOUNT + 1)
    return parts[_ARN_ACCOUNT] if len(parts) > _ARN_ACCOUNT + 1 else ""


def is_arn(value: object) -> bool:
    """Return whether a parameter is an ARN."""
    return isinstance(value, str) and value.startswith("arn:")


def arn(call: Call, service: str, resource: str) -> str:
    """Return the ARN of something in the call's account and region."""
    return f"arn:aws:{service}:{call.region}:{call.account_id}:{resource}"


def pass_role(call: Call, role_arn: object, service: str) -> tuple[Requirement, ...]:
    """Return what handing a role to a service needs; nothing when no role is given.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
    """
    if not isinstance(role_arn, str) or not role_arn:
        return ()
    return (need(call, "iam:PassRole", role_arn, {"iam:passedtoservice": (service,)}),)


def tag_context(tags: Mapping[str, str]) -> dict[str, Values]:
    """Return ``aws:RequestTag/…`` and ``aws:TagKeys`` of the tags in a request."""
    if not tags:
        return {}
    values: dict[str, Values] = {f"aws:requesttag/{k.lower()}": (v,) for k, v in tags.items()}
    return {**values, "aws:tagkeys": tuple(tags)}


def tags_in(parameters: Document) -> dict[str, str]:
    """Return the tags that a request sets, in whichever of AWS's forms they come."""
    for name in ("Tags", "tags", "TagList"):
        given = parameters.get(name)
        if isinstance(given, dict):
            return {str(key): str(value) for key, value in given.items()}
        if isinstance(given, list):
            return tag_pairs(given)
    return {}


def tag_pairs(tags: Iterable[object]) -> dict[str, str]:
    """Return tags by key, from a list in whichever of AWS's spellings."""
    return dict(_pairs(tags))


def tag_keys_in(parameters: Document) -> tuple[str, ...]:
    """Return the keys of the tags that a request removes."""
    given = parameters.get("TagKeys") or parameters.get("tagKeys") or ()
    return tuple(str(key) for key in given)


def _pairs(tags: Iterable[object]) -> Iterable[tuple[str, str]]:
    for tag in tags:
        if isinstance(tag, dict):
            key = next((tag[name] for name in _TAG_KEYS if name in tag), None)
            value = next((tag[name] for name in _TAG_VALUES if name in tag), "")
            if key is not None:
                yield str(key), str(value)
