"""Makes sure that DuckDB and datasketches can be imported, and says so when they cannot.

The AWS image has neither. They come from, in this order:

1. the image, where they are installed;
2. wheels beside the code: the folder named by the environment variable STEP_WHEELS (by default
   WHEELS), with requirements.txt and its wheels, installed without any network into a folder of
   this job.

There is no other engine: without the packages the step ends with an error.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Sequence

from .errors import BadInputError

ENGINE = ("duckdb", "datasketches")
WHEELS = "/opt/ml/processing/input/wheels"


def find_engine(packages: Sequence[str] = ENGINE) -> None:
    """Imports the packages; installs them from the wheels first where the image has none.

    Raises:
        BadInputError: They are neither in the image nor among the wheels.
    """
    if not _missing(packages):
        return
    wheels = Path(os.environ.get("STEP_WHEELS", WHEELS))
    if (wheels / "requirements.txt").is_file():
        _install(wheels)
    missing = _missing(packages)
    if missing:
        raise BadInputError(
            f"{', '.join(missing)} cannot be imported: the image has none, and there are no "
            f"wheels for Python {sys.version_info[0]}.{sys.version_info[1]} in {wheels}. Give the "
            "step wheels of its requirements.txt, or an image in which they are installed (see "
            "docs/how-to/watch-for-drift.md)"
        )


def _missing(packages: Sequence[str]) -> list[str]:
    missing = []
    for name in packages:
        try:
            importlib.import_module(name)
        except ImportError:
            missing.append(name)
    return missing


def _install(wheels: Path) -> None:
    target = tempfile.mkdtemp(prefix="site-packages-")
    options = ["--no-index", "--no-deps", "--find-links", str(wheels), "--target", target]
    command = [sys.executable, "-m", "pip", "install", "--quiet", *options]
    done = subprocess.run(  # noqa: S603 - this interpreter and fixed words
        [*command, "--require-hashes", "-r", str(wheels / "requirements.txt")],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BadInputError(
            f"{wheels}: pip cannot install the wheels: {done.stdout.strip()[-500:]}"
        )
    sys.path.insert(0, target)
    importlib.invalidate_caches()
