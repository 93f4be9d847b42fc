"""S3 URIs taken apart.

Reads, writes and calls nothing.
"""

from __future__ import annotations


def split(uri: str) -> tuple[str, str]:
    """Return bucket and key (or prefix) of an ``s3://`` URI.

    Raises:
        ValueError: Another scheme, or no bucket.
    """
    scheme, _, rest = uri.partition("://")
    bucket, _, key = rest.partition("/")
    if scheme != "s3" or not bucket:
        raise ValueError(f"'{uri}' is not an S3 URI: write s3://BUCKET/KEY")
    return bucket, key


def join(uri: str, *parts: str) -> str:
    """Append parts to a URI with single slashes between them."""
    return "/".join([uri.rstrip("/"), *(part.strip("/") for part in parts)])
