"""What a release was built from: digests of the source files and of the lock file.

Reads the use case's folder, the folders of `pipelines/` that are no use case (which modules may
import), the sources of the Lambda functions, the lock file, and git through its command.
"""

import hashlib
from pathlib import Path

from promotion.build.archive import CODE, DECLARATION, FUNCTIONS
from promotion.build.lambda_package import BUILDER, function_files, own_package
from promotion.build.release import Release
from promotion.build.source import CODE_FOLDER, Origin, files_below, origin, read_code
from promotion.config.use_case import FOLDER, use_case_names
from promotion.errors import ProvenanceError

LOCK_FILE = "requirements.lock"


def materials_of(root: Path, release: Release) -> dict[str, str]:
    """Return the SHA-256 (64 hex digits) of each file that a release comes from.

    Args:
        root: the project's folder, as it was when the release was built.
        release: the release.

    Returns:
        Digests by path in the project's folder.

    Raises:
        ProvenanceError: the folder is not what the release was built from.
    """
    paths = [
        *(path for folder in _folders(root, release.use_case) for path in files_below(folder)),
        root / LOCK_FILE,
    ]
    if missing := [path.name for path in paths if not path.is_file()]:
        raise ProvenanceError(
            "what a release is built from cannot be stated",
            problems=(f"{name}: is no file" for name in missing),
            hint="run in the project's folder or pass --root",
        )
    named = {path.relative_to(root).as_posix(): path for path in paths}
    named |= {name: BUILDER / name for name in function_files(BUILDER)}
    found = {name: _sha256(path.read_bytes()) for name, path in sorted(named.items())}
    same = _packed(root / FOLDER / release.use_case) == _stated(release)
    if not same or origin(root, release.use_case) != Origin(release.git_commit, release.dirty):
        raise ProvenanceError(
            f"{FOLDER}/{release.use_case} is not what release {release.digest[:12]} was built from",
            hint="build it again with: promote build",
        )
    return found


def _folders(root: Path, use_case: str) -> list[Path]:
    others = set(use_case_names(root)) - {use_case}
    return [
        path
        for path in sorted((root / FOLDER).iterdir())
        if path.is_dir() and path.name not in others and path.name[0] not in "._"
    ]


def _packed(folder: Path) -> dict[str, str]:
    """Return the digests of a use case's declaration and code and of the functions, as released."""
    parts = {
        DECLARATION: (folder / DECLARATION).read_bytes(),
        FUNCTIONS: own_package(),
        **read_code(folder),
    }
    return {name: _sha256(body) for name, body in parts.items()}


def _stated(release: Release) -> dict[str, str]:
    """Return the digests of the parts of a release that are made of these files alone."""
    return {
        name.removeprefix(CODE): digest
        for name, digest in release.digests.items()
        if name in (DECLARATION, FUNCTIONS) or name.startswith(f"{CODE}{CODE_FOLDER}/")
    }


def _sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
