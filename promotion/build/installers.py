"""Runs pip and uv, with the caller's environment: indexes, proxies and certificates are theirs.

Starts processes that reach the network; what they write goes where the caller says, at once and
whole.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from promotion.errors import BuildError

TIMEOUT_SECONDS = 1800
_LINES = 12


def run_installer(words: Sequence[str], what: str, hint: str) -> None:
    """Run a command to its end.

    Args:
        words: the command.
        what: what fails with it, for the message.
        hint: the next step when it fails.

    Raises:
        BuildError: it fails, or does not end in half an hour; tells its last lines.
    """
    try:
        done = subprocess.run(  # noqa: S603 - fixed words, and paths of the project
            words,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
    except OSError as error:
        raise BuildError(f"{what}: {words[0]} cannot be started: {error}", hint=hint) from error
    except subprocess.TimeoutExpired as error:
        raise BuildError(f"{what}: took more than {TIMEOUT_SECONDS} s", hint=hint) from error
    if done.returncode:
        told = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        raise BuildError(what, problems=told[-_LINES:], hint=hint)


def make_folder(place: Path, fill: Callable[[Path], None]) -> None:
    """Make a folder that appears whole or not at all.

    Args:
        place: the folder; another process may make it at the same time, and then theirs stays.
        fill: writes what goes into it to the folder that it is given.

    Raises:
        BuildError: `fill` fails, or nothing can be written there.
    """
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=f".{place.name}.", dir=place.parent))
    except OSError as error:
        raise BuildError(f"{place}: cannot be made: {error.strerror}") from error
    try:
        fill(partial)
        if not place.is_dir():
            partial.replace(place)
    except OSError as error:
        raise BuildError(f"{place}: cannot be written: {error.strerror}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
