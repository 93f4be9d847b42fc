"""Writes what a build makes. Writes one file at a time, whole or not at all."""

import os
from collections.abc import Sequence
from pathlib import Path

from promotion.errors import BuildError

_PART = 1_048_576


def write_whole(path: Path, body: bytes) -> None:
    """Write a file, making its folder if needed; a reader never sees a part of it.

    Raises:
        BuildError: the file cannot be written.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(body)
        partial.replace(path)
    except OSError as error:
        raise BuildError(f"{path}: cannot be written: {error.strerror}") from error


def keep_whole(path: Path, pieces: Sequence[bytes]) -> None:
    """Write a file, or give one that has this content already the present time.

    Args:
        path: the file.
        pieces: its content, which is not put together before it has to be.

    Raises:
        BuildError: the file cannot be written.
    """
    try:
        same = _consists_of(path, pieces)
        if same:
            os.utime(path)
    except OSError:
        same = False  # not there, or what writing will tell
    if not same:
        write_whole(path, b"".join(pieces))


def _consists_of(path: Path, pieces: Sequence[bytes]) -> bool:
    with path.open("rb") as file:
        for piece in pieces:
            for start in range(0, len(piece), _PART):
                size = min(_PART, len(piece) - start)
                part = file.read(size)
                if len(part) < size or not piece.startswith(part, start):
                    return False
        return not file.read(1)
