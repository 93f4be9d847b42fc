"""The wheels that a use case's steps install, for the Python and the platform of their containers.

Starts `pip download`; writes `build/wheels/`. What is downloaded goes into the release beside the
step code, so that a job installs it without an index.
"""

import hashlib
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from promotion.build.installers import make_folder, run_installer
from promotion.build.requirements import Requirements, read_requirements
from promotion.build.wheel_sets import WHEELS_FOLDER
from promotion.config.use_case import WheelSet
from promotion.errors import BuildError

LIST = "requirements.txt"


@dataclass(frozen=True)
class WheelFile:
    """A wheel, or the list of a set.

    Attributes:
        body: its content.
        sha256: digest of the body (64 hex digits), which is taken once: wheels are large.
    """

    body: bytes
    sha256: str


def read_wheels(folder: Path, declared: Mapping[str, WheelSet], kept: Path) -> dict[str, WheelFile]:
    """Return the wheels of a use case, and the list of each set, by `wheels/<set>/<file>`.

    Args:
        folder: the use case's folder.
        declared: its sets of wheels, by name.
        kept: where downloaded sets are kept, by the digest of what decides what is in them.

    Raises:
        BuildError: a list is not pinned and hashed, or pip does not get a wheel; nothing of that
            set is kept.
    """
    return {
        f"{WHEELS_FOLDER}/{name}/{file}": found
        for name, wheels in sorted(declared.items())
        for file, found in _read_set(folder, name, wheels, kept).items()
    }


def _read_set(folder: Path, name: str, wheels: WheelSet, kept: Path) -> dict[str, WheelFile]:
    requirements = read_requirements(folder, wheels.requirements)
    place = kept / requirements.digest(wheels.python, *wheels.platforms)[:24]
    found = _whole(place, requirements)
    if found is None:
        shutil.rmtree(place, ignore_errors=True)
        make_folder(place, lambda partial: _download(requirements, name, wheels, partial))
        found = _whole(place, requirements)
    if found is None:
        raise BuildError(
            f"wheels.{name}: pip got no wheel of {wheels.requirements} for Python {wheels.python} "
            f"on {', '.join(wheels.platforms)}",
            hint="its markers may leave all of them out",
        )
    return {**found, LIST: _file(requirements.body)}


def _whole(place: Path, requirements: Requirements) -> dict[str, WheelFile] | None:
    """Return the wheels in a folder; None where there are none or one is not what was hashed."""
    found = {path.name: _file(path.read_bytes()) for path in sorted(place.glob("*.whl"))}
    digests = {wheel.sha256 for wheel in found.values()}
    return found if found and digests <= requirements.hashes else None


def _file(body: bytes) -> WheelFile:
    return WheelFile(body, hashlib.sha256(body).hexdigest())


def _download(requirements: Requirements, name: str, wheels: WheelSet, place: Path) -> None:
    platforms = [word for each in wheels.platforms for word in ("--platform", each)]
    # https://pip.pypa.io/en/stable/cli/pip_download/
    run_installer(
        [sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--require-hashes",
         # What the container has already (its own numpy, say) is not in the file.
         "--no-deps", "--only-binary", ":all:", "--implementation", "cp",
         "--python-version", wheels.python, *platforms,
         "--dest", str(place), "-r", str(requirements.path)],
        f"wheels.{name}: pip does not get the wheels of {requirements.path.name} for Python "
        f"{wheels.python} on {', '.join(wheels.platforms)}",
        "every line needs the hash of a wheel for that Python and platform; check the network and "
        "pip's index",
    )  # fmt: skip
