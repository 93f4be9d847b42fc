"""An object that is written, read and removed, to see whether all three can be done.

Mutates a bucket with S3 PutObject and takes it back with DeleteObject, its version too; reads with
GetObject.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from promotion.aws.errors import Call, remote_call
from promotion.errors import RemoteError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True)
class Echo:
    """What came back.

    Attributes:
        body: the content, as it was read.
        algorithm: what S3 encrypted it with: `AES256`, `aws:kms` or `aws:kms:dsse`.
        key_arn: ARN of the KMS key that did; empty for S3's own keys.
    """

    body: bytes
    algorithm: str
    key_arn: str


class ProbeObjects:
    """Puts an object into a bucket, gets it and removes it.

    Args:
        client: S3 client of the account that does it.
        account_id: that account, for messages.
    """

    def __init__(self, client: "S3Client", account_id: str) -> None:
        """Keep the client."""
        self._client = client
        self._account_id = account_id

    def echo(self, bucket: str, key: str, body: bytes) -> Echo:
        """Write an object, read it and remove it. Mutates the bucket, which is then as before.

        The object is encrypted as the bucket says, so that S3 asks KMS for a data key and to
        decrypt it in the caller's name
        (https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html).

        Raises:
            RemoteDenied: one of the three is denied; what was written is removed where it may be.
            RemoteMissing: there is no such bucket.
        """
        with self._written(bucket, key, body), self._call("GetObject", bucket, key):
            found = self._client.get_object(Bucket=bucket, Key=key)
            return Echo(
                found["Body"].read(),
                found.get("ServerSideEncryption", ""),
                found.get("SSEKMSKeyId", ""),
            )

    @contextmanager
    def _written(self, bucket: str, key: str, body: bytes) -> Iterator[None]:
        version_id, is_written = None, False
        try:
            with self._call("PutObject", bucket, key):
                answer = self._client.put_object(Bucket=bucket, Key=key, Body=body)
            version_id, is_written = answer.get("VersionId"), True
            yield
        except KeyboardInterrupt:
            # Before the answer nobody knows whether it was written: a marker hides it then, and
            # the prefix' lifecycle rule removes both.
            self._remove(bucket, key, version_id)
            raise
        except RemoteError as error:
            if is_written:
                self._remove_after(error, bucket, key, version_id)
            raise
        self._remove(bucket, key, version_id)

    def _remove_after(
        self, error: RemoteError, bucket: str, key: str, version_id: str | None
    ) -> None:
        try:
            self._remove(bucket, key, version_id)
        except RemoteError as left:
            raise RemoteError(
                f"{error.message}; and the probe could not be removed: {left.message}",
                account_id=self._account_id,
                operation=error.operation,
                resource=error.resource,
                hint=error.hint,
            ) from error

    def _remove(self, bucket: str, key: str, version_id: str | None) -> None:
        with self._call("DeleteObject", bucket, key):
            if version_id is None:
                self._client.delete_object(Bucket=bucket, Key=key)
            else:
                self._client.delete_object(Bucket=bucket, Key=key, VersionId=version_id)

    def _call(self, operation: str, bucket: str, key: str) -> "AbstractContextManager[None]":
        return remote_call(Call(self._account_id, f"s3.{operation}", f"s3://{bucket}/{key}"))
