"""Which versions of which S3 objects a run read.

Calls s3 ListObjectsV2 and HeadObject: what they say is the state when the run has ended. Of an
object that was overwritten while the run went on, the newer version is told. Standard library and
boto3 only.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from promotion.handlers.objects import MISSING_CODES
from promotion.ledger.record import DatasetVersion

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MOST_OBJECTS = 100


@dataclass(frozen=True)
class Datasets:
    """What was read.

    Attributes:
        versions: the objects, at most MOST_OBJECTS of each input.
        unread: inputs that cannot be looked at or are gone, and those of which more objects are
            there than are told; each with the reason.
    """

    versions: tuple[DatasetVersion, ...]
    unread: tuple[str, ...]


def read_versions(uris: Sequence[str], s3: "S3Client") -> Datasets:
    """Return the versions of the objects that the URIs, objects or prefixes, stand for.

    Raises:
        ClientError: S3 fails, other than by saying that the object is missing or not ours to read.
    """
    versions: list[DatasetVersion] = []
    unread: list[str] = []
    for uri in uris:
        try:
            found = list(_versions(uri, s3))
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code not in MISSING_CODES:
                raise
            unread.append(f"{uri}: {code}")
            continue
        if not found:
            unread.append(f"{uri}: nothing is there any more")
        if len(found) > MOST_OBJECTS:
            unread.append(f"{uri}: has more than {MOST_OBJECTS} objects")
        versions += found[:MOST_OBJECTS]
    return Datasets(tuple(versions), tuple(unread))


def _versions(uri: str, s3: "S3Client") -> Iterator[DatasetVersion]:
    parts = urlsplit(uri)
    # SageMaker's S3Prefix takes every object whose key begins so, and so does the listing; one
    # page holds more than are told.
    page = s3.list_objects_v2(
        Bucket=parts.netloc, Prefix=parts.path.lstrip("/"), MaxKeys=MOST_OBJECTS + 1
    )
    for found in page.get("Contents", []):
        request: dict[str, Any] = {"Bucket": parts.netloc, "Key": found["Key"]}
        head = s3.head_object(**request, ChecksumMode="ENABLED")
        yield DatasetVersion(
            uri=f"s3://{parts.netloc}/{found['Key']}",
            version_id=head.get("VersionId", ""),
            etag=head["ETag"].strip('"'),
            sha256=head.get("ChecksumSHA256", ""),
            size_bytes=head["ContentLength"],
        )
