"""Lambda: finds the batch that an inference run is about.

Calls s3 HeadObject and ListObjectsV2 on the data bucket. Standard library and boto3 only.
"""

import re
from typing import TYPE_CHECKING, Any, TypedDict
from urllib.parse import urlsplit

import boto3

from promotion.handlers.objects import version_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

LATEST = "latest"
FILE_NAME = "batch.csv"
DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(T.*)?")


class BatchMissing(Exception):
    """There is no such batch."""


class Batch(TypedDict):
    """The batch: its object, the date of its folder ("" when an object was named), and the
    object's version (its ETag in a bucket without versions)."""

    batch_uri: str
    batch_date: str
    batch_version: str


def handler(event: dict[str, Any], context: object) -> Batch:
    """Return the batch that `event["batch_uri"]` and `event["batch_date"]` mean."""
    return resolve(event["batch_uri"], event["batch_date"], boto3.client("s3"))


def resolve(batch_uri: str, batch_date: str, s3: "S3Client") -> Batch:
    """Return a batch that exists.

    Args:
        batch_uri: S3 URI of an object, or of a prefix (with "/" at its end) of dated folders.
        batch_date: for a prefix: "latest", a date, or an ISO timestamp, whose date counts.
        s3: S3 client.

    Raises:
        BatchMissing: there is no such object; names its URI.
        ValueError: the URI is none of S3, or the date is no date.
    """
    parts = urlsplit(batch_uri)
    if parts.scheme != "s3" or not parts.netloc:
        raise ValueError(f"batch_uri {batch_uri!r} is not an S3 URI")
    bucket, key, date = parts.netloc, parts.path.lstrip("/"), ""
    if not key or key.endswith("/"):
        date = newest_date(bucket, key, s3) if batch_date == LATEST else date_of(batch_date)
        key = f"{key}{date}/{FILE_NAME}"
    uri = f"s3://{bucket}/{key}"
    version = version_of(uri, s3)
    if version is None:
        raise BatchMissing(
            f"there is no batch at {uri}, or it cannot be read: deliver it, then start the "
            "pipeline again"
        )
    return Batch(batch_uri=uri, batch_date=date, batch_version=version)


def date_of(text: str) -> str:
    """Return the date of a date or an ISO timestamp.

    Raises:
        ValueError: the text is neither.
    """
    match = DATE.fullmatch(text)
    if match is None:
        raise ValueError(f"batch_date {text!r} is neither {LATEST!r} nor a date YYYY-MM-DD")
    return match[1]


def newest_date(bucket: str, prefix: str, s3: "S3Client") -> str:
    """Return the greatest date that has a batch below a prefix.

    Raises:
        BatchMissing: no date has one.
    """
    pattern = re.compile(rf"{re.escape(prefix)}([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})/{FILE_NAME}")
    dates: list[str] = []
    request: dict[str, Any] = {"Bucket": bucket, "Prefix": prefix}
    while True:
        page = s3.list_objects_v2(**request)
        matches = (pattern.fullmatch(found["Key"]) for found in page.get("Contents", []))
        dates.extend(match[1] for match in matches if match)
        if not page.get("NextContinuationToken"):
            break
        request["ContinuationToken"] = page["NextContinuationToken"]
    if not dates:
        raise BatchMissing(
            f"there is no batch at s3://{bucket}/{prefix}YYYY-MM-DD/{FILE_NAME}: deliver one, "
            "then start the pipeline again"
        )
    return max(dates)
