"""KMS: keys by id, ARN and alias; operations that need the alias and the key.

https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.authorization import names
from sandbox.authorization.generic import by_tables, request_tags, table_action
from sandbox.authorization.requirement import Requirement, Values, arn, need

if TYPE_CHECKING:
    from sandbox.services.call import Call

_ALIASES = {"CreateAlias", "UpdateAlias", "DeleteAlias"}
_FROM_CIPHERTEXT = {"Decrypt"}


def required(call: Call) -> tuple[Requirement, ...]:
    """Return what a KMS operation needs."""
    if call.operation == "CreateKey":
        return _created(call)
    if call.operation in _ALIASES:
        return _alias(call)
    if call.operation == "ReEncrypt":
        return _re_encrypted(call)
    key = _key(call)
    if not key:
        return by_tables(call)
    return (need(call, table_action(call).name, key, _context(call)),)


def encryption_context(context: dict[str, str]) -> dict[str, Values]:
    """Return the condition keys of an encryption context.

    https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
    """
    if not context:
        return {}
    keys: dict[str, Values] = {
        f"kms:encryptioncontext:{name.lower()}": (value,) for name, value in context.items()
    }
    return {**keys, "kms:encryptioncontextkeys": tuple(context)}


def _key(call: Call) -> str:
    identifier = str(call.parameters.get("KeyId") or "")
    if not identifier and call.operation in _FROM_CIPHERTEXT:
        identifier = names.key_of_ciphertext(call.parameters.get("CiphertextBlob"))
    return names.key_arn(call.account_id, call.region, identifier) if identifier else ""


def _context(call: Call) -> dict[str, Values]:
    given = call.parameters
    keys = {**request_tags(call), **encryption_context(given.get("EncryptionContext") or {})}
    if call.operation in {"CreateGrant", "ListGrants", "RevokeGrant"}:
        keys["kms:grantisforawsresource"] = ("false",)
    if given.get("Operations"):
        keys["kms:grantoperations"] = tuple(str(one) for one in given["Operations"])
    if str(given.get("KeyId", "")).rsplit(":", 1)[-1].startswith("alias/"):
        keys["kms:requestalias"] = (str(given["KeyId"]).rsplit(":", 1)[-1],)
    return keys


def _created(call: Call) -> tuple[Requirement, ...]:
    tags = request_tags(call)
    created = need(call, "kms:CreateKey", "*", tags)
    if not tags:
        return (created,)
    return created, need(call, "kms:TagResource", arn(call, "kms", "key/*"), tags)


def _alias(call: Call) -> tuple[Requirement, ...]:
    given, action = call.parameters, table_action(call).name
    alias = str(given.get("AliasName", ""))
    target = str(given.get("TargetKeyId") or "")
    keys = {names.key_arn(call.account_id, call.region, target)} if target else set()
    if call.operation != "CreateAlias":
        keys.add(names.key_arn(call.account_id, call.region, alias))
    found = [arn(call, "kms", alias), *sorted(key for key in keys if ":key/" in key)]
    return tuple(need(call, action, one) for one in found)


def _re_encrypted(call: Call) -> tuple[Requirement, ...]:
    given = call.parameters
    source = str(given.get("SourceKeyId") or names.key_of_ciphertext(given.get("CiphertextBlob")))
    target = str(given.get("DestinationKeyId", ""))
    return tuple(
        need(
            call,
            action,
            names.key_arn(call.account_id, call.region, key),
            encryption_context(given.get(context) or {}),
        )
        for action, key, context in (
            ("kms:ReEncryptFrom", source, "SourceEncryptionContext"),
            ("kms:ReEncryptTo", target, "DestinationEncryptionContext"),
        )
    )
