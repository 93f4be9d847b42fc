"""A copy of the project in which it is proved: with chosen environment files, left alone by edits.

Asks git which files belong to the project; writes below a folder that it empties first, and
commits the copy there: production takes releases of commits on ``main`` only.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from sandbox.model import SandboxError

_ENDING = ".tfvars.json"
_IDENTITY = (
    "-c", "user.name=proof", "-c", "user.email=proof@example.com", "-c", "commit.gpgSign=false",
)  # fmt: skip


def copy_project(root: Path, folder: Path, environments: Path) -> Path:
    """Copy what git knows or would add, times kept, commit it, and link the virtual environment.

    Args:
        root: The project's folder.
        folder: Where the copy goes; emptied first.
        environments: Folder with the environment files that the copy has as its own.

    Returns:
        ``folder``.

    Raises:
        SandboxError: ``root`` is not a working copy of git, or there is no environment file.
    """
    names, files = _files(root), sorted(environments.glob(f"*{_ENDING}"))
    if not files:
        raise SandboxError(f"{environments}: has no file that ends with {_ENDING}")
    shutil.rmtree(folder, ignore_errors=True)
    for name in names:
        if (root / name).is_file() and not _is_environment(name):
            _copy(root / name, folder / name)
    for file in files:
        _copy(file, folder / "environments" / file.name)
    _commit(folder)
    (folder / ".venv").symlink_to(Path(sys.prefix))
    return folder


def _files(root: Path) -> list[str]:
    listing = _git(root, "ls-files", "--cached", "--others", "--exclude-standard")
    return listing.splitlines()


def _commit(folder: Path) -> None:
    _git(folder, "init", "--quiet", "--initial-branch=main")
    _git(folder, "add", "--all")
    _git(folder, *_IDENTITY, "commit", "--quiet", "--no-verify", "--message=The project")


def _git(folder: Path, *words: str) -> str:
    finished = subprocess.run(  # noqa: S603 - our own words
        ["git", *words],  # noqa: S607
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
    )
    if finished.returncode:
        raise SandboxError(f"{folder}: git {' '.join(words)} fails: {finished.stderr.strip()}")
    return finished.stdout


def _is_environment(name: str) -> bool:
    return Path(name).parent == Path("environments") and name.endswith(_ENDING)


def _copy(file: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(file, to)
