"""Small objects that `promote` keeps beside an account's Terraform state: its lock and its notes.

Calls S3 GetObject; mutates with PutObject and DeleteObject. The state bucket keeps versions, so
that a removed object stays on record as an earlier version.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from promotion.aws.errors import Call, RemoteConflict, RemoteMissing, remote_call

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True)
class Stored:
    """An object as the bucket has it.

    Attributes:
        body: its content.
        etag: its entity tag, which `remove` takes.
    """

    body: bytes
    etag: str


class ControlObjects:
    """Reads and writes the small objects of one state bucket.

    Args:
        client: S3 client of the account.
        account_id: the account, for messages.
        bucket: the account's state bucket.
    """

    def __init__(self, client: "S3Client", account_id: str, bucket: str) -> None:
        """Keep the client."""
        self._client = client
        self._account_id = account_id
        self._bucket = bucket

    def uri(self, key: str) -> str:
        """Return the S3 URI of an object."""
        return f"s3://{self._bucket}/{key}"

    def read(self, key: str) -> Stored | None:
        """Return an object, or None when there is none."""
        try:
            with self._call("GetObject", key):
                answer = self._client.get_object(Bucket=self._bucket, Key=key)
                return Stored(answer["Body"].read(), answer["ETag"])
        except RemoteMissing:
            return None

    def create(self, key: str, body: bytes) -> bool:
        """Write an object unless there is one. Mutates the account.

        S3 lets one of several writers through, and whoever comes later gets 412, or 409 while the
        other's request is under way.
        https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html

        Returns:
            Whether it was written. False, too, when the answer to the first attempt was lost and
            the repetition found the object: whoever wrote it has to read it.
        """
        try:
            with self._call("PutObject", key):
                self._client.put_object(Bucket=self._bucket, Key=key, Body=body, IfNoneMatch="*")
        except RemoteConflict:
            return False
        return True

    def write(self, key: str, body: bytes) -> None:
        """Write an object, whatever was there. Mutates the account."""
        with self._call("PutObject", key):
            self._client.put_object(Bucket=self._bucket, Key=key, Body=body)

    def remove(self, key: str, etag: str) -> bool:
        """Remove an object if it still has that entity tag. Mutates the account.

        https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html

        Returns:
            Whether it was removed; False when it is gone or another one.
        """
        try:
            with self._call("DeleteObject", key):
                self._client.delete_object(Bucket=self._bucket, Key=key, IfMatch=etag)
        except (RemoteConflict, RemoteMissing):
            return False
        return True

    def _call(self, operation: str, key: str) -> "AbstractContextManager[None]":
        return remote_call(Call(self._account_id, f"s3.{operation}", self.uri(key)))
