"""KMS: keys by id, ARN and alias; operations that need the alias and the key.

https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.authorization import names
from sandbox.authorization.generic import by_tables, request_tags, table_action
from sandbox.authorization.requirement import Requirement, Values, arn, need
from sandbox.model import ServiceError

if TYPE_CHECKING:
    from sandbox.services.call import Call

_ALIASES = {"CreateAlias", "UpdateAlias", "DeleteAlias"}
_RESERVED = "alias/aws/"


def required(call: Call) -> tuple[Requirement, ...]:
    """Return what a KMS operation needs.

    Raises:
        ServiceError: ``IncorrectKeyException`` for a ciphertext of another key than the named
            one; ``NotAuthorizedException`` for an alias that is reserved for AWS.
    """
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
    if call.operation == "Decrypt":
        return _key_of_ciphertext(call, identifier)
    return names.key_arn(call.account_id, call.region, identifier) if identifier else ""


def _key_of_ciphertext(call: Call, identifier: str) -> str:
    """Return the key of the request's ciphertext, which the key that it names has to be.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_ReEncrypt.html
    """
    own = names.key_of_ciphertext(call.parameters.get("CiphertextBlob"))
    found = names.key_arn(call.account_id, call.region, own) if own else ""
    if not identifier:
        return found
    given = names.key_arn(call.account_id, call.region, identifier)
    if names.kms_key(found) is not None and found != given:
        raise ServiceError(
            "IncorrectKeyException",
            "The key ID in the request does not identify a CMK that can perform this operation.",
        )
    return given


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
    if alias.startswith(_RESERVED):
        # https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html
        raise ServiceError("NotAuthorizedException", f"{_RESERVED} is reserved for AWS's own keys")
    target = str(given.get("TargetKeyId") or "")
    keys = {names.key_arn(call.account_id, call.region, target)} if target else set()
    if call.operation != "CreateAlias":
        keys.add(names.key_arn(call.account_id, call.region, alias))
    found = [arn(call, "kms", alias), *sorted(key for key in keys if ":key/" in key)]
    return tuple(need(call, action, one) for one in found)


def _re_encrypted(call: Call) -> tuple[Requirement, ...]:
    given = call.parameters
    source = _key_of_ciphertext(call, str(given.get("SourceKeyId") or ""))
    target = names.key_arn(call.account_id, call.region, str(given.get("DestinationKeyId", "")))
    return tuple(
        need(
            call,
            action,
            key,
            encryption_context(given.get(context) or {}),
        )
        for action, key, context in (
            ("kms:ReEncryptFrom", source, "SourceEncryptionContext"),
            ("kms:ReEncryptTo", target, "DestinationEncryptionContext"),
        )
    )
