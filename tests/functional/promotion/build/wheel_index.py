"""A folder of tiny wheels that pip and uv install from, without a network."""

from __future__ import annotations

import hashlib
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def write_wheel(
    folder: Path,
    name: str,
    version: str,
    tag: str = "py3-none-any",
    *,
    requires: str = "",
    **files: str,
) -> str:
    """Write a wheel whose module of the same name has the given files; return its SHA-256.

    Args:
        folder: where to; made if needed.
        name: name of the distribution and of its module.
        version: its version.
        tag: Python, ABI and platform.
        requires: another distribution that it needs.
        files: text of modules by name; `__init__` tells the version without it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{version}-{tag}.whl"
    about = f"{name}-{version}.dist-info"
    members = {
        f"{name}/__init__.py": f"__version__ = {version!r}\nTAG = {tag!r}\n",
        **{f"{name}/{file}.py": text for file, text in files.items()},
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        + (f"Requires-Dist: {requires}\n" if requires else ""),
        f"{about}/WHEEL": f"Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\nTag: {tag}\n",
    }
    members[f"{about}/RECORD"] = "".join(f"{each},,\n" for each in (*members, f"{about}/RECORD"))
    with zipfile.ZipFile(path, "w") as archive:
        for member, text in members.items():
            archive.writestr(zipfile.ZipInfo(member), text)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def line(name: str, version: str, *hashes: str) -> str:
    """Return a line of a requirements file."""
    return f"{name}=={version} " + " ".join(f"--hash=sha256:{each}" for each in hashes) + "\n"
