"""KMS keys of one account. Calls KMS DescribeKey, GetKeyRotationStatus and GetKeyPolicy."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from promotion.aws.errors import Call, remote_call

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from mypy_boto3_kms import KMSClient


@dataclass(frozen=True)
class Key:
    """A key.

    Attributes:
        arn: ARN of the key itself, not of an alias.
        state: `Enabled`, `Disabled`, `PendingDeletion`, ...
        is_customers: whether its policy is ours, not AWS's.
    """

    arn: str
    state: str
    is_customers: bool


class Keys:
    """Reads keys.

    Args:
        client: KMS client of the account.
        account_id: the account, for messages.
    """

    def __init__(self, client: "KMSClient", account_id: str) -> None:
        """Keep the client."""
        self._client = client
        self._account_id = account_id

    def describe(self, key: str) -> Key:
        """Return a key by its id, ARN or the ARN of an alias.

        Raises:
            RemoteMissing: there is no such key.
        """
        with self._call("DescribeKey", key):
            found = self._client.describe_key(KeyId=key)["KeyMetadata"]
        return Key(found["Arn"], found.get("KeyState", ""), found.get("KeyManager") == "CUSTOMER")

    def rotates(self, key_arn: str) -> bool:
        """Return whether AWS renews the key's material every year."""
        with self._call("GetKeyRotationStatus", key_arn):
            return self._client.get_key_rotation_status(KeyId=key_arn)["KeyRotationEnabled"]

    def policy(self, key_arn: str) -> str:
        """Return the key's policy as JSON."""
        with self._call("GetKeyPolicy", key_arn):
            return self._client.get_key_policy(KeyId=key_arn, PolicyName="default")["Policy"]

    def _call(self, operation: str, key: str) -> "AbstractContextManager[None]":
        return remote_call(Call(self._account_id, f"kms.{operation}", key))
