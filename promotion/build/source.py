"""What a release is made of besides definitions: step code, and where the source comes from.

Reads a use case's folder, and git through its command.
"""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from promotion.build.programs import pack_programs
from promotion.config.use_case import FOLDER
from promotion.errors import BuildError

CODE_FOLDER = "steps"
UNCOMMITTED = "uncommitted"


@dataclass(frozen=True)
class Origin:
    """Where a use case's source comes from.

    Attributes:
        git_commit: last commit that touched the folder, or "uncommitted".
        dirty: whether the folder differs from that commit; true where there is none.
    """

    git_commit: str
    dirty: bool


def read_code(folder: Path) -> dict[str, bytes]:
    """Return the content of every file below `steps/`, by its path in the use case's folder.

    Hidden files and compiled Python are left out. A folder with a `__main__.py` is packed as one
    program, `steps/<folder>.pyz`.

    Raises:
        BuildError: a file is a symbolic link: what it points to may differ between machines.
    """
    code = {}
    for path in sorted(files_below(folder / CODE_FOLDER)):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            raise BuildError(f"{FOLDER}/{folder.name}/{name}: is a symbolic link; pack a file")
        code[name] = path.read_bytes()
    return pack_programs(code, CODE_FOLDER)


def files_below(folder: Path) -> Iterator[Path]:
    """Yield the files and links below a folder, hidden files and compiled Python left out."""
    if not folder.is_dir():
        return
    for path in folder.iterdir():
        if path.name.startswith(".") or path.name == "__pycache__" or path.suffix == ".pyc":
            continue
        if path.is_dir() and not path.is_symlink():
            yield from files_below(path)
        else:
            yield path


def origin(root: Path, use_case: str) -> Origin:
    """Return the commit of a use case's folder; "uncommitted" outside of git or without commit.

    Commits of other folders do not change it, so the same source keeps its commit.
    """
    folder = f"{FOLDER}/{use_case}"
    commit = run_git(root, "log", "-1", "--format=%H", "--", folder)
    if not commit:
        return Origin(UNCOMMITTED, dirty=True)
    changes = run_git(root, "status", "--porcelain", "--", folder)
    return Origin(commit, dirty=changes != "")


def run_git(root: Path, *arguments: str) -> str | None:
    """Return what a git command prints, stripped; None where it fails or there is no git."""
    try:
        done = subprocess.run(  # noqa: S603 - fixed words, and names and commits that were checked
            # Reading the status must not write the index: others may be using the checkout.
            ["git", "--no-optional-locks", "-C", str(root), *arguments],  # noqa: S607
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()
