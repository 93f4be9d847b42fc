"""The statement: in-toto Statement v1 with the SLSA provenance v1 predicate, as models. Pure.

Formats: https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md and
https://slsa.dev/spec/v1.0/provenance. Both tell readers to ignore fields that they do not know.
"""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "https://slsa.dev/provenance/v1"
# What the parameters and dependencies below mean; docs/reference/provenance.md describes it.
BUILD_TYPE = "urn:sagemaker-promotion:release:v1"

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
GitCommit = Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")]


class _Document(BaseModel):
    """Base: frozen, strict, unknown fields ignored, JSON names in camel case."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True, populate_by_name=True)


class FileDigest(_Document):
    """Digest of bytes."""

    sha256: Sha256


class CommitDigest(_Document):
    """Id of a git commit, which is a digest of the whole tree."""

    git_commit: Annotated[GitCommit, Field(alias="gitCommit")]


class Subject(_Document):
    """What the statement is about."""

    name: str
    digest: FileDigest


class Material(_Document):
    """A file that went into the release; its name is its path in the project's folder."""

    name: str
    digest: FileDigest


class Commit(_Document):
    """The commit that the files are of."""

    name: Annotated[str, Field(pattern="^git$")] = "git"
    digest: CommitDigest


class ExternalParameters(_Document):
    """What whoever asked for the build chose."""

    use_case: str


class InternalParameters(_Document):
    """What the builder chose: versions by the name of the distribution."""

    versions: Mapping[str, str]


class BuildDefinition(_Document):
    """What was built and from what."""

    build_type: Annotated[str, Field(alias="buildType")]
    external_parameters: Annotated[ExternalParameters, Field(alias="externalParameters")]
    internal_parameters: Annotated[InternalParameters, Field(alias="internalParameters")]
    resolved_dependencies: Annotated[
        tuple[Commit | Material, ...], Field(alias="resolvedDependencies", strict=False)
    ]


class Builder(_Document):
    """Who built: the URI of a builder that is trusted to state the rest truly."""

    id: Annotated[str, Field(min_length=1)]


class RunDetails(_Document):
    """How it was built. No time and no id of the run: the same build gives the same statement."""

    builder: Builder


class Predicate(_Document):
    """SLSA provenance."""

    build_definition: Annotated[BuildDefinition, Field(alias="buildDefinition")]
    run_details: Annotated[RunDetails, Field(alias="runDetails")]


class Statement(_Document):
    """The statement about an archive and the release in it, in this order."""

    type: Annotated[str, Field(alias="_type")] = STATEMENT_TYPE
    subject: Annotated[tuple[Subject, Subject], Field(strict=False)]
    predicate_type: Annotated[str, Field(alias="predicateType")] = PREDICATE_TYPE
    predicate: Predicate


class Header(_Document):
    """What has to be looked at before the rest can be understood."""

    type: Annotated[str, Field(alias="_type")]
    predicate_type: Annotated[str, Field(alias="predicateType")]
