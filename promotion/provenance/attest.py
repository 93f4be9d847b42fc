"""Makes the signed statement about a release. Pure but for the signer."""

import hashlib
from collections.abc import Mapping

from promotion.build.archive import archive_bytes, canonical_json
from promotion.build.release import Release
from promotion.errors import ProvenanceError
from promotion.provenance.envelope import Signer, seal
from promotion.provenance.statement import (
    BUILD_TYPE,
    BuildDefinition,
    Builder,
    Commit,
    CommitDigest,
    ExternalParameters,
    FileDigest,
    InternalParameters,
    Material,
    Predicate,
    RunDetails,
    Statement,
    Subject,
)


def attest(
    release: Release, *, materials: Mapping[str, str], builder_id: str, signer: Signer
) -> bytes:
    """Return the envelope with the signed statement about a release.

    Args:
        release: a release of a clean commit.
        materials: SHA-256 of what it was built from, by path (see `materials_of`).
        builder_id: URI of who builds: the ARN of the build role.
        signer: the release signing key.

    Raises:
        ProvenanceError: the release has no commit, or the key is not on the curve P-256.
        RemoteError: the signer's service fails.
    """
    if release.dirty:
        raise ProvenanceError(
            f"release {release.use_case} {release.digest[:12]} was built from changes that are "
            "not committed: there is no commit to state",
            hint="commit them and build again with: promote build",
        )
    statement = _statement(release, materials, builder_id)
    return seal(canonical_json(statement.model_dump(by_alias=True)).encode(), signer)


def _statement(release: Release, materials: Mapping[str, str], builder_id: str) -> Statement:
    archive = hashlib.sha256(archive_bytes(release)).hexdigest()
    return Statement(
        subject=(
            Subject(name=release.file_name, digest=FileDigest(sha256=archive)),
            Subject(name=release.use_case, digest=FileDigest(sha256=release.digest)),
        ),
        predicate=Predicate(
            build_definition=BuildDefinition(
                build_type=BUILD_TYPE,
                external_parameters=ExternalParameters(use_case=release.use_case),
                internal_parameters=InternalParameters(versions=dict(release.built_with)),
                resolved_dependencies=(
                    Commit(digest=CommitDigest(git_commit=release.git_commit)),
                    *(
                        Material(name=name, digest=FileDigest(sha256=digest))
                        for name, digest in sorted(materials.items())
                    ),
                ),
            ),
            run_details=RunDetails(builder=Builder(id=builder_id)),
        ),
    )
