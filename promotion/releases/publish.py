"""Publishes releases: states what they are, signs that, and stores both.

Reads release archives, and the files that they were built from. Under the build role of the
tooling account: KMS GetPublicKey and Sign, S3 ListObjectsV2, HeadObject and GetObject; mutates the
artifact bucket of the registry account with PutObject, and not at all for what is published.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from promotion.aws.releases import ReleaseStore
from promotion.aws.session import Accounts
from promotion.aws.signing import KmsSigner
from promotion.build.archive import archive_bytes
from promotion.build.release import Release
from promotion.config import load_environment, load_registry
from promotion.errors import ProvenanceError
from promotion.provenance import Expected, Signer, attest, materials_of, verify


@dataclass(frozen=True)
class Published:
    """A release that is in the store.

    Attributes:
        release: the release.
        uri: S3 URI of its archive.
        is_new: whether this call wrote anything.
    """

    release: Release
    uri: str
    is_new: bool


@dataclass(frozen=True)
class Publisher:
    """What publishing needs.

    Attributes:
        root: the project's folder, as it was when the releases were built.
        store: the published releases.
        signer: the release signing key.
        builder_id: ARN of the build role.
    """

    root: Path
    store: ReleaseStore
    signer: Signer
    builder_id: str

    def publish(self, release: Release) -> Published:
        """Publish a release, unless it is. Mutates the artifact bucket.

        Raises:
            ProvenanceError: it has no commit, another archive of it is published, the files are
                not what it was built from, or what is published is not proved.
            RemoteError: AWS fails.
        """
        archive = archive_bytes(release)
        uri = self.store.uri(release.use_case, release.digest)
        if self._is_published(release, archive):
            self._verify(release, archive)
            return Published(release, uri, is_new=False)
        envelope = attest(
            release,
            materials=materials_of(self.root, release),
            builder_id=self.builder_id,
            signer=self.signer,
        )
        if not self.store.put(release.use_case, release.digest, archive, envelope):
            self._verify(release, archive)  # somebody else published it at the same time
        return Published(release, uri, is_new=True)

    def _is_published(self, release: Release, archive: bytes) -> bool:
        """Return whether archive and envelope are there; one that was cut short has the first."""
        found = self.store.digests(release.use_case, release.digest)
        if not found:
            return False
        stored = self.store.archive_sha256(release.use_case, release.digest)
        if stored != hashlib.sha256(archive).hexdigest():
            raise ProvenanceError(
                f"another archive of release {release.use_case} {release.digest[:12]} is "
                "published: the same content, built from another commit or with other versions",
                hint="promote the one that is published: promote plan ENV --release "
                f"{release.digest[:12]}, without that archive in build/releases",
            )
        return found[0].signed

    def _verify(self, release: Release, archive: bytes) -> None:
        expected = Expected(
            release.use_case, release.digest, self.builder_id, self.signer.public_key()
        )
        verify(self.store.envelope(release.use_case, release.digest), archive, expected)


def publish(
    root: Path, releases: Sequence[Release], *, accounts: Accounts, say: Callable[[str], None]
) -> tuple[Published, ...]:
    """Publish releases. Mutates the artifact bucket.

    Args:
        root: the project's folder.
        releases: what to publish.
        accounts: opens the session of the build role.
        say: writes one line of progress.

    Raises:
        ConfigError: an environment file is missing or wrong.
        ProvenanceError: a release has changes that are not committed (nothing was called then),
            or as `Publisher.publish`.
        RemoteError: AWS fails, or the caller may not act as the build role.
    """
    _refuse_dirty(releases)
    tooling, registry = load_environment(root, "tooling"), load_registry(root)
    session = accounts.open(tooling, tooling.build_role_arn)
    say(f"tooling: account {session.account_id} as {session.caller_arn}")
    publisher = Publisher(
        root=root,
        store=ReleaseStore(session.s3, session.account_id, registry.buckets.artifacts),
        signer=KmsSigner(session.kms, session.account_id, tooling.signing_key_arn),
        builder_id=tooling.build_role_arn,
    )
    return tuple(publisher.publish(release) for release in releases)


def _refuse_dirty(releases: Sequence[Release]) -> None:
    dirty = [release for release in releases if release.dirty]
    if dirty:
        raise ProvenanceError(
            "releases of changes that are not committed cannot be published",
            problems=[f"{release.use_case} {release.digest[:12]}" for release in dirty],
            hint="commit the changes, build again with promote build, and publish that",
        )
