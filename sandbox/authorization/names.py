"""Names that requests use, looked up in the emulator's stores: aliases, paths, owners.

Reads moto's stores; changes nothing. Every function answers for what does not exist, too.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

from moto.dynamodb.models import dynamodb_backends
from moto.iam.models import iam_backends
from moto.kms.models import kms_backends
from moto.s3.models import s3_backends

from sandbox.authorization.requirement import account_in, is_arn

if TYPE_CHECKING:
    from collections.abc import Mapping

_KEY_ID_BYTES = 36  # a ciphertext of moto's begins with the key's id


def bucket(name: str) -> Any | None:
    """Return moto's bucket, whoever owns it; ``None`` when there is none."""
    # Bucket names are global: moto's index of all buckets has one entry a partition.
    place = s3_backends.bucket_accounts.get(name)
    return s3_backends[place[1]][place[0]].buckets.get(name) if place else None


def stored_object(bucket_name: str, key: str, version_id: str | None = None) -> Any | None:
    """Return moto's object, ``None`` when there is none or a delete marker hides it."""
    found = bucket(bucket_name)
    if found is None:
        return None
    if version_id is None:
        return found.keys.get(key)
    versions = found.keys.getlist(key, default=[])
    return next((one for one in versions if str(one.version_id) == version_id), None)


def multipart_upload(bucket_name: str, upload_id: str) -> Any | None:
    """Return moto's unfinished upload, ``None`` when there is none."""
    found = bucket(bucket_name)
    return found.multiparts.get(upload_id) if found is not None else None


def key_arn(account_id: str, region: str, identifier: str) -> str:
    """Return a KMS key's ARN for its id, ARN, alias or alias ARN.

    An alias that does not exist is returned as its own ARN.
    """
    if is_arn(identifier):
        region, account_id = identifier.split(":")[3], account_in(identifier)
    plain = identifier.rsplit(":", 1)[-1]
    if not plain.startswith("alias/"):
        return f"arn:aws:kms:{region}:{account_id}:key/{plain.removeprefix('key/')}"
    target = _alias_target(account_id, region, plain)
    return f"arn:aws:kms:{region}:{account_id}:{f'key/{target}' if target else plain}"


def _alias_target(account_id: str, region: str, alias: str) -> str:
    if account_id not in kms_backends:
        return ""
    # moto makes AWS's own keys (alias/aws/...) when it looks their aliases up: only look here.
    keys = list(kms_backends[account_id][region].keys.values())
    return next((str(key.id) for key in keys if alias in key.aliases), "")


def kms_key(arn: str) -> Any | None:
    """Return moto's KMS key of an ARN, ``None`` when there is none."""
    if account_in(arn) not in kms_backends or not is_arn(arn):
        return None
    backend = kms_backends[account_in(arn)][arn.split(":")[3]]
    return backend.keys.get(arn.rsplit("/", 1)[-1])


def is_aws_managed(arn: str) -> bool:
    """Return whether a key is AWS's own, which every principal of its account may use."""
    if ":alias/aws/" in arn:
        return True
    stored = kms_key(arn)
    return stored is not None and any(alias.startswith("alias/aws/") for alias in stored.aliases)


def key_of_ciphertext(ciphertext: object) -> str:
    """Return the id of the key in a ciphertext of moto's, empty when it is no such."""
    if isinstance(ciphertext, str):
        try:
            ciphertext = base64.b64decode(ciphertext, validate=True)
        except (binascii.Error, ValueError):
            return ""
    if not isinstance(ciphertext, bytes):
        return ""
    return ciphertext[:_KEY_ID_BYTES].decode("ascii", "replace")


def role(account_id: str, name: str) -> Any | None:
    """Return moto's role by its name, ``None`` when there is none."""
    return _by_name(account_id, "roles", name)


def user(account_id: str, name: str) -> Any | None:
    """Return moto's user by its name, ``None`` when there is none."""
    return _by_name(account_id, "users", name)


def _by_name(account_id: str, kind: str, name: str) -> Any | None:
    stored: Mapping[str, Any] = getattr(iam_backends[account_id]["aws"], kind)
    return next((one for one in list(stored.values()) if one.name == name), None)


def managed_document(policy: Any) -> str:
    """Return the text of the default version of moto's managed policy."""
    return str(next(one.document for one in policy.versions if one.is_default))


def table(table_arn: str) -> Any | None:
    """Return moto's DynamoDB table, ``None`` when there is none."""
    account_id, region = account_in(table_arn), table_arn.split(":")[3]
    if account_id not in dynamodb_backends:
        return None
    return dynamodb_backends[account_id][region].tables.get(table_arn.rsplit("/", 1)[-1])
