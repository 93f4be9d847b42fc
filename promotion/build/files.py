"""Writes what a build makes. Writes one file at a time, whole or not at all."""

import os
from pathlib import Path

from promotion.errors import BuildError


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


def keep_whole(path: Path, body: bytes) -> None:
    """Write a file, or give one that has this content already the present time.

    Raises:
        BuildError: the file cannot be written.
    """
    try:
        same = path.stat().st_size == len(body) and path.read_bytes() == body
        if same:
            os.utime(path)
    except OSError:
        same = False  # not there, or what writing will tell
    if not same:
        write_whole(path, body)
