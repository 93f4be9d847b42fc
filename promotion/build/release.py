"""A release: one build of a use case, the same bytes on any machine.

Reads and writes nothing; `promotion.build.archive` turns it into a file and back.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Release:
    """What is promoted: definitions with tokens, and the code that their steps run.

    Attributes:
        use_case: name of the use case.
        digest: SHA-256 (64 hex digits) of definitions, code, functions and use_case.toml; not of
            the commit, a path or a time.
        git_commit: last commit (40 hex digits) that touched the use case's folder, or
            "uncommitted" where there is none or no git.
        dirty: whether the folder has changes that are not committed.
        built_with: version of promote, and of the SageMaker SDK where a pipeline is a Python
            source, by the name of the distribution; not part of the digest.
        definitions: definition with tokens, by pipeline key.
        code: content of each file that steps use: step code by its path in the use case's folder
            ("steps/x.py"), wheels by their set ("wheels/processing/x-1.0-py3-none-any.whl").
        declaration: content of use_case.toml.
        functions: ZIP of the Lambda functions that the account runs beside the pipelines: those of
            the promote that built, the same for all use cases (see `lambda_package`).
        digests: SHA-256 (64 hex digits) of each of its parts, by its name in the archive; taken
            once, because wheels make a release large (see `archive.new_release`).
        sizes: bytes of each file of the code.
    """

    use_case: str
    digest: str
    git_commit: str
    dirty: bool
    built_with: Mapping[str, str]
    definitions: Mapping[str, dict[str, Any]]
    code: Mapping[str, bytes]
    declaration: bytes
    functions: bytes
    digests: Mapping[str, str]
    sizes: Mapping[str, int]

    @property
    def file_name(self) -> str:
        """Name of the archive: the use case and the first 12 digits of the digest."""
        return f"{self.use_case}-{self.digest[:12]}.tar"

    def write(self, folder: Path) -> Path:
        """Write the archive into a folder and return its path (see `archive.write_release`)."""
        from promotion.build.archive import write_release

        return write_release(self, folder)

    @classmethod
    def read(cls, path: Path) -> "Release":
        """Read an archive and verify every digest (see `archive.read_release`).

        Raises:
            BuildError: the file is missing, cut short, altered or not a release.
        """
        from promotion.build.archive import read_release

        return read_release(path)


@dataclass(frozen=True)
class CodeObject:
    """A file of a release as an S3 object whose key holds its digest.

    Attributes:
        bucket: data bucket of the environment.
        key: `code/{sha256}/{file name}`; a wheel's folder is the digest of its set.
        sha256: digest of the content, 64 hex digits.
        size_bytes: length of the content.
        path: its path in the release's code.
    """

    bucket: str
    key: str
    sha256: str
    size_bytes: int
    path: str


@dataclass(frozen=True)
class ResolvedPipeline:
    """A pipeline as it is written to an account.

    Attributes:
        key: key in use_case.toml ("train").
        name: name in the account.
        role_arn: role that its executions run with.
        definition_json: definition without tokens, as canonical JSON (sorted keys, no spaces).
    """

    key: str
    name: str
    role_arn: str
    definition_json: str


@dataclass(frozen=True)
class ResolvedRelease:
    """A release with the values of one environment filled in.

    Attributes:
        use_case: name of the use case.
        digest: digest of the release it comes from.
        git_commit: commit of the release.
        pipelines: pipelines sorted by key.
        code_objects: every file of the release's code, sorted by key.
        code: content of each file of the code, by path.
    """

    use_case: str
    digest: str
    git_commit: str
    pipelines: tuple[ResolvedPipeline, ...]
    code_objects: tuple[CodeObject, ...]
    code: Mapping[str, bytes]
