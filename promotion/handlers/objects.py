"""Looks whether S3 objects exist, for the handlers. Calls s3 HeadObject."""

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import HeadObjectOutputTypeDef

# Without s3:ListBucket, S3 says 403 of a key that does not exist.
MISSING_CODES = {"403", "404", "AccessDenied", "NoSuchBucket", "NoSuchKey", "NotFound"}


def exists(uri: str | None, s3: "S3Client") -> bool:
    """Return whether there is an object at an S3 URI that can be read.

    Raises:
        ClientError: S3 fails for another reason.
    """
    return etag_of(uri, s3) is not None


def etag_of(uri: str | None, s3: "S3Client") -> str | None:
    """Return the ETag of the object at an S3 URI, without quotes; None when it cannot be read.

    Raises:
        ClientError: S3 fails for another reason.
    """
    found = _head(uri, s3)
    return None if found is None else found.get("ETag", "").strip('"')


def version_of(uri: str, s3: "S3Client") -> str | None:
    """Return which content an S3 URI has: the object's version, in a bucket without versions its
    ETag; None when it cannot be read.

    Raises:
        ClientError: S3 fails for another reason.
    """
    found = _head(uri, s3)
    if found is None:
        return None
    version = found.get("VersionId", "null")
    return found.get("ETag", "").strip('"') if version == "null" else version


def _head(uri: str | None, s3: "S3Client") -> "HeadObjectOutputTypeDef | None":
    if not uri:
        return None
    parts = urlsplit(uri)
    try:
        return s3.head_object(Bucket=parts.netloc, Key=parts.path.lstrip("/"))
    except ClientError as error:
        if error.response["Error"]["Code"] in MISSING_CODES:
            return None
        raise
