"""How buckets are set up. Calls S3 GetBucketVersioning, GetBucketEncryption, GetPublicAccessBlock,
GetBucketPolicy and HeadObject; writes nothing.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from promotion.aws.errors import Call, RemoteMissing, remote_call

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from mypy_boto3_s3 import S3Client

_BLOCKS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")


@dataclass(frozen=True)
class BucketEncryption:
    """What a bucket encrypts new objects with.

    Attributes:
        algorithm: `AES256`, `aws:kms` or `aws:kms:dsse`; empty when nothing is set.
        key_arn: ARN or id of the KMS key; empty for S3's own keys and for the key of AWS.
    """

    algorithm: str = ""
    key_arn: str = ""


class Buckets:
    """Reads the settings of buckets.

    Args:
        client: S3 client of the account.
        account_id: the account, for messages.
    """

    def __init__(self, client: "S3Client", account_id: str) -> None:
        """Keep the client."""
        self._client = client
        self._account_id = account_id

    def is_versioned(self, bucket: str) -> bool:
        """Return whether a bucket keeps versions.

        Raises:
            RemoteMissing: there is no such bucket.
        """
        with self._call("GetBucketVersioning", bucket):
            return self._client.get_bucket_versioning(Bucket=bucket).get("Status") == "Enabled"

    def encryption(self, bucket: str) -> BucketEncryption:
        """Return what a bucket encrypts new objects with."""
        try:
            with self._call("GetBucketEncryption", bucket):
                answer = self._client.get_bucket_encryption(Bucket=bucket)
        except RemoteMissing:
            return BucketEncryption()
        rules = answer["ServerSideEncryptionConfiguration"]["Rules"]
        chosen = rules[0].get("ApplyServerSideEncryptionByDefault") if rules else None
        if chosen is None:
            return BucketEncryption()
        return BucketEncryption(chosen["SSEAlgorithm"], chosen.get("KMSMasterKeyID", ""))

    def blocks_public_access(self, bucket: str) -> bool:
        """Return whether a bucket keeps the public out by all four settings."""
        try:
            with self._call("GetPublicAccessBlock", bucket):
                answer = self._client.get_public_access_block(Bucket=bucket)
        except RemoteMissing:
            return False
        found = dict(answer["PublicAccessBlockConfiguration"])
        return all(found.get(name) for name in _BLOCKS)

    def policy(self, bucket: str) -> str:
        """Return a bucket's policy as JSON; empty when it has none."""
        try:
            with self._call("GetBucketPolicy", bucket):
                return self._client.get_bucket_policy(Bucket=bucket)["Policy"]
        except RemoteMissing:
            return ""

    def has(self, bucket: str, key: str) -> bool:
        """Return whether there is an object."""
        try:
            with self._call("HeadObject", bucket, key):
                self._client.head_object(Bucket=bucket, Key=key)
        except RemoteMissing:
            return False
        return True

    def _call(
        self, operation: str, bucket: str, key: str | None = None
    ) -> "AbstractContextManager[None]":
        resource = f"s3://{bucket}/{key}" if key else f"s3://{bucket}"
        return remote_call(Call(self._account_id, f"s3.{operation}", resource))
