"""The release signing key in AWS KMS. Calls KMS GetPublicKey and Sign; neither mutates."""

from functools import cached_property
from typing import TYPE_CHECKING

from promotion.aws.errors import Call, remote_call

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient


class KmsSigner:
    """An asymmetric KMS key, which may be of another account, as a `promotion.provenance.Signer`.

    Args:
        client: KMS client; its region is the key's.
        account_id: account of the caller, for messages.
        key_arn: ARN of the key or of its alias.
    """

    def __init__(self, client: "KMSClient", account_id: str, key_arn: str) -> None:
        """Keep the client."""
        self._client = client
        self._account_id = account_id
        self._key_arn = key_arn

    def public_key(self) -> bytes:
        """Return the public key as DER SubjectPublicKeyInfo; KMS is asked once.

        Raises:
            RemoteMissing: there is no such key.
            RemoteDenied: the caller may not read it.
        """
        return self._public_key

    def sign(self, digest: bytes) -> bytes:
        """Return the signature (DER) of a SHA-256 digest (32 bytes).

        Raises:
            RemoteMissing: there is no such key.
            RemoteDenied: the caller may not sign: only the build role may.
        """
        # https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html
        with remote_call(Call(self._account_id, "kms.Sign", self._key_arn)):
            answer = self._client.sign(
                KeyId=self._key_arn,
                Message=digest,
                MessageType="DIGEST",
                SigningAlgorithm="ECDSA_SHA_256",
            )
        return answer["Signature"]

    @cached_property
    def _public_key(self) -> bytes:
        with remote_call(Call(self._account_id, "kms.GetPublicKey", self._key_arn)):
            return self._client.get_public_key(KeyId=self._key_arn)["PublicKey"]
