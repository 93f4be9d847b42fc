"""Published releases: archives and their provenance in the artifact bucket, by digest.

Keys are `releases/{use case}/{digest}.tar` and, beside it, `.intoto.json`. Calls S3 ListObjectsV2,
HeadObject and GetObject; `put` mutates with PutObject, and only where a key is new.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from promotion.aws.errors import Call, RemoteMissing, remote_call
from promotion.aws.objects import Objects
from promotion.errors import RemoteError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

FOLDER = "releases"
_ARCHIVE, _ENVELOPE = ".tar", ".intoto.json"


@dataclass(frozen=True)
class StoredRelease:
    """A release in the store.

    Attributes:
        use_case: its use case.
        digest: its digest, 64 hex digits.
        published_at: when its archive was written, aware.
        signed: whether an envelope lies beside it; nobody has verified it.
    """

    use_case: str
    digest: str
    published_at: datetime
    signed: bool


class ReleaseStore:
    """Reads and writes published releases.

    Args:
        client: S3 client; its account is the bucket's own or one that the bucket lets in.
        account_id: account of the caller, for messages.
        bucket: the artifact bucket.
    """

    def __init__(self, client: "S3Client", account_id: str, bucket: str) -> None:
        """Keep the client."""
        self._client = client
        self._account_id = account_id
        self._bucket = bucket
        self._objects = Objects(client, account_id)

    def digests(self, use_case: str, digest_prefix: str = "") -> tuple[StoredRelease, ...]:
        """Return the releases of a use case, the newest first.

        Args:
            use_case: the use case.
            digest_prefix: first digits of the digest; empty takes all.

        Raises:
            RemoteMissing: there is no such bucket.
            RemoteDenied: the caller may not list them.
        """
        times = dict(self._listed(f"{FOLDER}/{use_case}/{digest_prefix}"))
        found = [
            StoredRelease(
                use_case,
                digest=key.rpartition("/")[2].removesuffix(_ARCHIVE),
                published_at=written_at,
                signed=key.removesuffix(_ARCHIVE) + _ENVELOPE in times,
            )
            for key, written_at in times.items()
            if key.endswith(_ARCHIVE)
        ]
        return tuple(sorted(found, key=lambda each: (each.published_at, each.digest), reverse=True))

    def fetch(self, use_case: str, digest_prefix: str) -> tuple[bytes, bytes | None]:
        """Return archive and envelope of a release; nothing is verified.

        Raises:
            RemoteMissing: there is no such release.
            RemoteError: the digits fit several releases.
        """
        found = self.digests(use_case, digest_prefix)
        if len(found) != 1:
            kind = RemoteError if found else RemoteMissing
            raise kind(
                f"{len(found) or 'no'} published releases of {use_case} have a digest that begins "
                f"with {digest_prefix}",
                account_id=self._account_id,
                operation="s3.ListObjectsV2",
                resource=f"s3://{self._bucket}/{FOLDER}/{use_case}/",
                hint=f"promote releases {use_case} lists them",
            )
        digest = found[0].digest
        archive = self._objects.read(self._bucket, _key(use_case, digest, _ARCHIVE))
        return archive, self.envelope(use_case, digest)

    def envelope(self, use_case: str, digest: str) -> bytes | None:
        """Return the envelope of a release, or None where there is none.

        Raises:
            RemoteDenied: the caller may not read it.
        """
        try:
            return self._objects.read(self._bucket, _key(use_case, digest, _ENVELOPE))
        except RemoteMissing:
            return None

    def archive_sha256(self, use_case: str, digest: str) -> str | None:
        """Return the SHA-256 (64 hex digits) of a release's archive, or None without one."""
        return self._objects.sha256(self._bucket, _key(use_case, digest, _ARCHIVE))

    def put(self, use_case: str, digest: str, archive: bytes, envelope: bytes) -> bool:
        """Write a release; what is there already stays as it is. Mutates the bucket.

        Returns:
            Whether the envelope was written; False when another writer's is there.

        Raises:
            RemoteError: another archive is there; nothing was written.
        """
        self._objects.put_new(self._bucket, _key(use_case, digest, _ARCHIVE), archive)
        return self._objects.put_absent(self._bucket, _key(use_case, digest, _ENVELOPE), envelope)

    def uri(self, use_case: str, digest: str) -> str:
        """Return the S3 URI of a release's archive."""
        return f"s3://{self._bucket}/{_key(use_case, digest, _ARCHIVE)}"

    def _listed(self, prefix: str) -> Iterator[tuple[str, datetime]]:
        resource = f"s3://{self._bucket}/{prefix}"
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=prefix
        )
        with remote_call(Call(self._account_id, "s3.ListObjectsV2", resource)):
            for page in pages:
                for item in page.get("Contents", []):
                    yield item["Key"], item["LastModified"]


def _key(use_case: str, digest: str, suffix: str) -> str:
    return f"{FOLDER}/{use_case}/{digest}{suffix}"
