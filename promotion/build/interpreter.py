"""A virtual environment of a use case's own, for pipelines that are written with another SDK.

Starts uv where it is on the PATH, else venv and pip; writes `build/interpreters/`. Nothing of a use
case runs while it is made: only wheels are installed, whose hashes the use case has stated.
"""

import platform
import shutil
import sys
from pathlib import Path

from promotion.build.installers import make_folder, run_installer
from promotion.build.requirements import Requirements

_PYTHON = Path("bin") / "python"
_HINT = (
    "every package that is needed has to stand in the file, with the hash of a wheel for this "
    "machine; check the network and the index of pip or uv"
)


def interpreter_for(requirements: Requirements, folder: Path) -> Path:
    """Return the Python of a virtual environment with exactly these packages.

    Args:
        requirements: what is installed.
        folder: where the environments are kept, by the digest of what is in them.

    Raises:
        BuildError: it cannot be made; none is left.
    """
    digest = requirements.digest(platform.python_version(), platform.machine(), sys.executable)
    place = folder / digest[:24]
    if not (place / _PYTHON).exists():  # also where the Python that it was made of has gone
        shutil.rmtree(place, ignore_errors=True)
        make_folder(place, lambda partial: _install(requirements, partial))
    return place / _PYTHON


def _install(requirements: Requirements, place: Path) -> None:
    what = f"the virtual environment of {requirements.path.parent.name} cannot be made"
    python, uv = str(place / _PYTHON), shutil.which("uv")
    if uv:
        make = [uv, "venv", "--quiet", "--allow-existing", "--python", sys.executable, str(place)]
        install = [uv, "pip", "install", "--quiet", "--python", python]
    else:
        make = [sys.executable, "-m", "venv", str(place)]
        install = [python, "-m", "pip", "install", "--quiet", "--no-input"]
    run_installer(make, what, _HINT)
    exact = ["--require-hashes", "--only-binary", ":all:", "-r", str(requirements.path)]
    run_installer([*install, *exact], what, _HINT)
