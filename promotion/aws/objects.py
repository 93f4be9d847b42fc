"""S3 objects and buckets of one account.

Calls S3 HeadObject, GetObject, ListBuckets; mutates with PutObject (only where the key does not
exist) and CreateBucket.
"""

import base64
import hashlib
from typing import TYPE_CHECKING, cast

from promotion.aws.errors import Call, RemoteConflict, RemoteMissing, RemoteTaken, remote_call
from promotion.errors import RemoteError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.literals import BucketLocationConstraintType

# The one region whose name CreateBucket refuses as a location constraint.
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucketConfiguration.html
_NO_CONSTRAINT = "us-east-1"
_PART = 1_048_576


class Objects:
    """Reads and writes objects whose content never changes.

    Args:
        client: S3 client of the account.
        account_id: the account, for messages.
    """

    def __init__(self, client: "S3Client", account_id: str) -> None:
        """Keep the client."""
        self._client = client
        self._account_id = account_id

    def sha256(self, bucket: str, key: str) -> str | None:
        """Return the digest (64 hex digits) of an object's content, or None when there is none.

        S3's own checksum is used; an object that was written without one is downloaded.
        """
        try:
            with self._call("HeadObject", bucket, key):
                found = self._client.head_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED")
        except RemoteMissing:
            return None
        checksum = found.get("ChecksumSHA256", "")
        if checksum and found.get("ChecksumType", "FULL_OBJECT") == "FULL_OBJECT":
            return base64.b64decode(checksum).hex()
        digest = hashlib.sha256()
        with self._call("GetObject", bucket, key):
            for part in self._client.get_object(Bucket=bucket, Key=key)["Body"].iter_chunks(_PART):
                digest.update(part)
        return digest.hexdigest()

    def etag(self, bucket: str, key: str) -> str | None:
        """Return the ETag of an object, without quotes, or None when it is missing.

        Raises:
            RemoteDenied: it may not be read; so S3 answers, too, where the caller may not list.
        """
        try:
            with self._call("HeadObject", bucket, key):
                return self._client.head_object(Bucket=bucket, Key=key)["ETag"].strip('"')
        except RemoteMissing:
            return None

    def read(self, bucket: str, key: str) -> bytes:
        """Return the content of an object.

        Raises:
            RemoteMissing: there is no such object.
        """
        with self._call("GetObject", bucket, key):
            return self._client.get_object(Bucket=bucket, Key=key)["Body"].read()

    def put_new(self, bucket: str, key: str, body: bytes) -> bool:
        """Write an object unless the key exists. Mutates the account.

        Returns:
            Whether it was written; False when the key exists with the same content.

        Raises:
            RemoteError: the key exists with another content; it was left as it is.
        """
        if self.put_absent(bucket, key, body):
            return True
        if self.sha256(bucket, key) == hashlib.sha256(body).hexdigest():
            return False
        raise RemoteError(
            f"s3://{bucket}/{key} in account {self._account_id} exists with another content",
            account_id=self._account_id,
            operation="s3.PutObject",
            resource=f"s3://{bucket}/{key}",
            hint="the key holds the digest of the content, so somebody altered the object: "
            "find out who, and delete it",
        )

    def put_absent(self, bucket: str, key: str, body: bytes) -> bool:
        """Write an object unless the key exists, whatever it holds. Mutates the account.

        Returns:
            Whether it was written.
        """
        checksum = base64.b64encode(hashlib.sha256(body).digest()).decode("ascii")
        try:
            with self._call("PutObject", bucket, key):
                self._client.put_object(
                    Bucket=bucket, Key=key, Body=body, IfNoneMatch="*", ChecksumSHA256=checksum
                )
        except RemoteConflict:
            return False
        return True

    def owns_bucket(self, bucket: str) -> bool:
        """Return whether the account has the bucket."""
        with self._call("ListBuckets", bucket):
            pages = self._client.get_paginator("list_buckets").paginate(Prefix=bucket)
            return any(found["Name"] == bucket for page in pages for found in page["Buckets"])

    def create_bucket(self, bucket: str, region: str) -> bool:
        """Create a bare bucket; S3 blocks public access by default. Mutates the account.

        Returns:
            Whether the account has the bucket now; False when the name is another account's.
        """
        place = cast("BucketLocationConstraintType", region)
        try:
            with self._call("CreateBucket", bucket):
                if region == _NO_CONSTRAINT:
                    self._client.create_bucket(Bucket=bucket)
                else:
                    self._client.create_bucket(
                        Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": place}
                    )
        except RemoteTaken:
            return False
        except RemoteConflict:
            # BucketAlreadyOwnedByYou: somebody of this account was faster.
            return True
        return True

    def _call(
        self, operation: str, bucket: str, key: str | None = None
    ) -> "AbstractContextManager[None]":
        resource = f"s3://{bucket}/{key}" if key else f"s3://{bucket}"
        return remote_call(Call(self._account_id, f"s3.{operation}", resource))
