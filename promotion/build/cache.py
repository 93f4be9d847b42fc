"""Remembers what a use case's source gave, definitions and archive, so that none is built twice.

Reads `pipelines/`, this package and the names of the installed distributions; reads and writes
the cache folder. Imports no SDK and calls nothing outside.
"""

import hashlib
import json
import os
import platform
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from promotion.build.files import write_whole
from promotion.build.source import files_below
from promotion.config.use_case import FOLDER
from promotion.errors import BuildError


@dataclass(frozen=True)
class Cache:
    """What earlier builds gave.

    Args:
        folder: where the entries are; made when the first is kept.
        root: folder that holds `pipelines/`.
    """

    folder: Path
    root: Path

    def entry(self, use_case: str) -> "Entry":
        """Return the entry of a use case's present source.

        It is found by the digest of all that a build comes from: the use case's folder, the
        installed distributions, the Python version and what of promote builds. What a use case read
        of other folders below `pipelines/` is kept in the entry and compared with what is there
        now.
        """
        digest = _source_digest(self.root, use_case)[:24]
        return Entry(use_case, self.folder / f"{use_case}-{digest}.json", self.root)


@dataclass(frozen=True)
class Entry:
    """What earlier builds of one source gave.

    Attributes:
        use_case: name of the use case.
        path: file with the definitions.
        root: folder that holds `pipelines/`.
    """

    use_case: str
    path: Path
    root: Path

    @cached_property
    def definitions(self) -> dict[str, dict[str, Any]] | None:
        """The definitions that the source gave, if it was built, read once.

        An entry that cannot be read counts as none: the build that follows replaces it.
        """
        try:
            entry = json.loads(self.path.read_text(encoding="utf-8"))
            definitions: dict[str, dict[str, Any]] = entry["definitions"]
            read: dict[str, str] = entry["read"]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return definitions if read == _digests(self.root / FOLDER, read) else None

    def keep(self, definitions: Mapping[str, dict[str, Any]], read: Iterable[str]) -> None:
        """Keep what was built.

        Args:
            definitions: the checked definitions, by pipeline key.
            read: files below `pipelines/`, relative to it, that the build opened.

        Raises:
            BuildError: the entry cannot be written.
        """
        elsewhere = [name for name in read if not name.startswith(f"{self.use_case}/")]
        entry = {
            "definitions": definitions,
            "read": _digests(self.root / FOLDER, elsewhere),
        }
        body = json.dumps(entry, sort_keys=True, allow_nan=False)
        write_whole(self.path, body.encode("utf-8"))

    def archive(self, folder: Path, made_of: str) -> Path | None:
        """Return the archive that a build wrote into a folder, and give it the present time.

        Args:
            folder: where it was written.
            made_of: what it was made of besides the definitions.

        Returns:
            None unless the last build of the use case was of the same, and the file is as that left
            it, by what the file system says, as git knows what has changed. What was built last is
            known by its time.
        """
        if self.definitions is None:
            return None
        try:
            kept = json.loads(self._written.read_text(encoding="utf-8"))
            path = folder / str(kept["name"])
            if (kept["made_of"], kept["stamp"]) != (self._made_of(made_of), _stamp(path)):
                return None
            os.utime(path)
        except (OSError, ValueError, KeyError, TypeError):
            return None
        self.keep_archive(path, made_of)
        return path

    def keep_archive(self, path: Path, made_of: str) -> None:
        """Keep that an archive was written; where that cannot be, the next build looks at it.

        Args:
            path: the archive.
            made_of: what it was made of besides the definitions.
        """
        with suppress(OSError, BuildError):
            kept = {"name": path.name, "made_of": self._made_of(made_of), "stamp": _stamp(path)}
            write_whole(self._written, json.dumps(kept).encode("utf-8"))

    @property
    def _written(self) -> Path:
        return self.path.with_name(f"{self.use_case}.json")

    def _made_of(self, rest: str) -> list[str]:
        return [self.path.stem, hashlib.sha256(self.path.read_bytes()).hexdigest(), rest]


def _stamp(path: Path) -> list[int]:
    """Return what tells a file from one that was written since (see inode(7))."""
    found = path.stat()
    return [found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns]


def _source_digest(root: Path, use_case: str) -> str:
    digest = hashlib.sha256()
    for line in (*_builder(), *_files(root / FOLDER / use_case)):
        digest.update(f"{line}\n".encode())
    return digest.hexdigest()


@cache
def _builder() -> tuple[str, ...]:
    """Name what builds: it stays the same for all use cases of one run."""
    package = Path(__file__).parents[1]
    code = [line for part in ("build", "config") for line in _files(package / part)]
    return (*_toolchain(), *code, str(_digests(package, ["tar.py"])))


def _files(folder: Path) -> Iterator[str]:
    for path in sorted(files_below(folder)):
        name = path.relative_to(folder).as_posix()
        # A link is another source than a file, though it leads to the same.
        link = f" -> {path.readlink()}" if path.is_symlink() else ""
        body = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        yield f"{name}{link} {body}"


def _toolchain() -> Iterator[str]:
    """Name Python and every installed distribution with its version.

    The folders' names tell both (https://packaging.python.org/en/latest/specifications/
    recording-installed-packages/); reading the metadata of each would take longer than the plan.
    """
    yield platform.python_version()
    names = {path.name for place in sys.path for path in Path(place).glob("*.dist-info")}
    yield from sorted(names)


def _digests(folder: Path, names: Iterable[str]) -> dict[str, str]:
    """Return the SHA-256 of each file that is there, by its path in the folder."""
    paths = {name: folder / name for name in names}
    return {
        name: hashlib.sha256(path.read_bytes()).hexdigest()
        for name, path in sorted(paths.items())
        if path.is_file()
    }
