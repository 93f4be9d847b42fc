"""Remembers the definitions that a use case's source gave, so that no source is built twice.

Reads `pipelines/`, this package and the names of the installed distributions; reads and writes
the cache folder. Imports no SDK and calls nothing outside.
"""

import hashlib
import json
import platform
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from promotion.build.files import write_whole
from promotion.build.source import files_below
from promotion.config.use_case import FOLDER


@dataclass(frozen=True)
class Cache:
    """The definitions of earlier builds.

    An entry is found by the digest of all that a definition comes from: the use case's folder,
    the installed distributions, the Python version and this package. What a use case read of
    other folders below `pipelines/` is kept in the entry and compared with what is there now.

    Args:
        folder: where the entries are; made when the first is kept.
        root: folder that holds `pipelines/`.
    """

    folder: Path
    root: Path

    def find(self, use_case: str) -> dict[str, dict[str, Any]] | None:
        """Return the definitions that the use case's present source gave, if it was built.

        An entry that cannot be read counts as none: the build that follows replaces it.
        """
        try:
            entry = json.loads(self._path(use_case).read_text(encoding="utf-8"))
            definitions: dict[str, dict[str, Any]] = entry["definitions"]
            read: dict[str, str] = entry["read"]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return definitions if read == _digests(self.root / FOLDER, read) else None

    def keep(
        self, use_case: str, definitions: Mapping[str, dict[str, Any]], read: Iterable[str]
    ) -> None:
        """Keep what was built.

        Args:
            use_case: name of the use case.
            definitions: its checked definitions, by pipeline key.
            read: files below `pipelines/`, relative to it, that the build opened.

        Raises:
            BuildError: the entry cannot be written.
        """
        elsewhere = [name for name in read if not name.startswith(f"{use_case}/")]
        entry = {
            "definitions": definitions,
            "read": _digests(self.root / FOLDER, elsewhere),
        }
        body = json.dumps(entry, sort_keys=True, allow_nan=False)
        write_whole(self._path(use_case), body.encode("utf-8"))

    def _path(self, use_case: str) -> Path:
        return self.folder / f"{use_case}-{_source_digest(self.root, use_case)[:24]}.json"


def _source_digest(root: Path, use_case: str) -> str:
    digest = hashlib.sha256()
    for line in (*_builder(), *_files(root / FOLDER / use_case)):
        digest.update(f"{line}\n".encode())
    return digest.hexdigest()


@cache
def _builder() -> tuple[str, ...]:
    """Name what builds: it stays the same for all use cases of one run."""
    return (*_toolchain(), *_files(Path(__file__).parent))


def _files(folder: Path) -> Iterator[str]:
    for path in sorted(files_below(folder)):
        body = hashlib.sha256(path.read_bytes()).hexdigest()
        yield f"{path.relative_to(folder).as_posix()} {body}"


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
