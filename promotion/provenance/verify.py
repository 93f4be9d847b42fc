"""Holds a signed statement against an archive and what is expected of both. Pure."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from promotion.errors import ProvenanceError
from promotion.provenance.envelope import unseal
from promotion.provenance.statement import (
    BUILD_TYPE,
    PREDICATE_TYPE,
    STATEMENT_TYPE,
    Commit,
    Header,
    Material,
    Statement,
)

PUBLISH = "publish the release again: promote publish"


@dataclass(frozen=True)
class Expected:
    """What a release has to be to be trusted.

    Attributes:
        use_case: its use case.
        release_digest: its digest, 64 hex digits.
        builder_id: who has to have built it.
        public_key: DER SubjectPublicKeyInfo of the key that has to have signed.
    """

    use_case: str
    release_digest: str
    builder_id: str
    public_key: bytes


@dataclass(frozen=True)
class Provenance:
    """What a verified statement says.

    Attributes:
        use_case: use case of the release.
        release_digest: digest of the release.
        archive_sha256: SHA-256 of the archive.
        git_commit: commit that it was built from, 40 hex digits.
        builder_id: who built it.
        versions: versions that built it, by the name of the distribution.
        materials: SHA-256 of each file that it was built from, by path in the project's folder.
    """

    use_case: str
    release_digest: str
    archive_sha256: str
    git_commit: str
    builder_id: str
    versions: Mapping[str, str]
    materials: Mapping[str, str]


def verify(envelope: bytes | None, archive: bytes, expected: Expected) -> Provenance:
    """Return what a release's provenance says, once all of it is proved.

    The signature comes first: nothing that is unsigned is looked into.

    Args:
        envelope: the DSSE envelope, or None where the release has none.
        archive: the release's archive.
        expected: what the release has to be.

    Raises:
        ProvenanceError: the release is unsigned, signed by another key or built by another builder;
            the statement is altered, of another kind or about another release; the archive is
            altered.
    """
    return verify_digest(envelope, hashlib.sha256(archive).hexdigest(), expected)


def verify_digest(envelope: bytes | None, archive_sha256: str, expected: Expected) -> Provenance:
    """Return what a release's provenance says, as `verify`, for an archive known by its SHA-256.

    Raises:
        ProvenanceError: as `verify`.
    """
    if envelope is None:
        raise ProvenanceError(
            f"{_shown(expected.use_case, expected.release_digest)} is unsigned: it has no "
            "provenance",
            hint=PUBLISH,
        )
    statement = _statement(unseal(envelope, expected.public_key))
    _check_subject(statement, archive_sha256, expected)
    _check_builder(statement, expected)
    return _provenance(statement)


def _statement(payload: bytes) -> Statement:
    try:
        header = Header.model_validate_json(payload)
        if header.type != STATEMENT_TYPE:
            raise ProvenanceError(f"unknown statement {header.type!r}, not {STATEMENT_TYPE!r}")
        if header.predicate_type != PREDICATE_TYPE:
            raise ProvenanceError(
                f"unknown predicate {header.predicate_type!r}, not {PREDICATE_TYPE!r}"
            )
        statement = Statement.model_validate_json(payload)
    except ValidationError as error:
        raise ProvenanceError(
            "the provenance is malformed",
            problems=(
                f"{'.'.join(str(part) for part in found['loc'])}: {found['msg']}"
                for found in error.errors(include_url=False)
            ),
        ) from error
    build_type = statement.predicate.build_definition.build_type
    if build_type != BUILD_TYPE:
        raise ProvenanceError(f"unknown build type {build_type!r}, not {BUILD_TYPE!r}")
    return statement


def _check_subject(statement: Statement, archive_sha256: str, expected: Expected) -> None:
    named, release = statement.subject
    parameters = statement.predicate.build_definition.external_parameters
    told = (release.name, release.digest.sha256)
    if told != (expected.use_case, expected.release_digest) or parameters.use_case != told[0]:
        raise ProvenanceError(
            f"wrong subject: the provenance is about {_shown(*told)}, not about "
            f"{_shown(expected.use_case, expected.release_digest)}",
            hint=PUBLISH,
        )
    if archive_sha256 != named.digest.sha256:
        raise ProvenanceError(
            f"the archive of {_shown(*told)} was altered: its SHA-256 is {archive_sha256}, the "
            f"provenance says {named.digest.sha256}",
            hint="find out who wrote it, and " + PUBLISH,
        )


def _check_builder(statement: Statement, expected: Expected) -> None:
    builder_id = statement.predicate.run_details.builder.id
    if builder_id != expected.builder_id:
        raise ProvenanceError(
            f"foreign builder: {builder_id} built the release, not {expected.builder_id}",
            hint=PUBLISH,
        )


def _provenance(statement: Statement) -> Provenance:
    named, release = statement.subject
    definition = statement.predicate.build_definition
    commits = [part for part in definition.resolved_dependencies if isinstance(part, Commit)]
    if len(commits) != 1:
        raise ProvenanceError(f"the provenance names {len(commits)} git commits, not one")
    return Provenance(
        use_case=release.name,
        release_digest=release.digest.sha256,
        archive_sha256=named.digest.sha256,
        git_commit=commits[0].digest.git_commit,
        builder_id=statement.predicate.run_details.builder.id,
        versions=definition.internal_parameters.versions,
        materials={
            part.name: part.digest.sha256
            for part in definition.resolved_dependencies
            if isinstance(part, Material)
        },
    )


def _shown(use_case: str, digest: str) -> str:
    return f"release {use_case} {digest[:12]}"
