"""Gives each job its own ``/opt/ml``.

Runs ``unshare`` (util-linux); writes nothing on the machine outside the workspace: where
``/opt/ml`` is missing, ``/opt`` is replaced inside the job's mount namespace only, by a
temporary file system with links to what ``/opt`` holds.
"""

from __future__ import annotations

import functools
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

OPT_ML = "/opt/ml"

_MOUNT = """
set -e
ml=$1 hidden=$2
shift 2
if [ ! -d /opt/ml ]; then
  mount --rbind /opt "$hidden"
  mount -t tmpfs -o mode=755 tmpfs /opt
  for entry in "$hidden"/*; do
    [ -e "$entry" ] && ln -s "$entry" "/opt/${entry##*/}"
  done
  mkdir /opt/ml
fi
mount --bind "$ml" /opt/ml
exec "$@"
"""
UNSHARE = {
    "mount namespace": ("unshare", "--mount", "--propagation", "private"),
    "user and mount namespace": (
        "unshare",
        "--map-root-user",
        "--mount",
        "--propagation",
        "private",
    ),
}
REWRITTEN = "rewritten paths"
_PROBE_SECONDS = 10


class Isolation:
    """How jobs get their ``/opt/ml`` on this machine.

    Args:
        workspace: Folder of the sandbox.
        method: One of ``UNSHARE``'s keys or ``REWRITTEN``; found out at first use if None.
    """

    def __init__(self, workspace: Path, method: str | None = None) -> None:
        self._hidden = _hidden_folder(workspace)
        self._chosen = method

    @functools.cached_property
    def method(self) -> str:
        """The best method that works here."""
        if self._chosen is not None:
            return self._chosen
        return next((method for method in UNSHARE if self.works(method)), REWRITTEN)

    @property
    def explanation(self) -> str:
        """One sentence for people."""
        if self.method == REWRITTEN:
            return (
                "jobs share this machine's file system: neither `unshare --mount` nor "
                "`unshare --map-root-user --mount` is allowed here, so /opt/ml is rewritten in "
                "each job's entrypoint, arguments, environment and configuration files; a script "
                "that names /opt/ml itself will not find it"
            )
        return f"each job has its own /opt/ml ({self.method})"

    def works(self, method: str) -> bool:
        """Tell whether a method is allowed on this machine, by trying it."""
        if shutil.which("unshare") is None:
            return False
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "probe").touch()
            command = self._wrap(method, ["test", "-e", f"{OPT_ML}/probe"], Path(folder))
            result = subprocess.run(  # noqa: S603 - fixed command, no outside input
                command, capture_output=True, timeout=_PROBE_SECONDS, check=False
            )
        return result.returncode == 0

    def wrap(self, command: Sequence[str], ml_folder: Path) -> list[str]:
        """Return the command to run so that ``/opt/ml`` is the given folder."""
        if self.method == REWRITTEN:
            return [self.visible(part, ml_folder) for part in command]
        return self._wrap(self.method, command, ml_folder)

    def visible(self, text: str, ml_folder: Path) -> str:
        """Return a text with ``/opt/ml`` as the job sees it."""
        return text.replace(OPT_ML, str(ml_folder)) if self.method == REWRITTEN else text

    def _wrap(self, method: str, command: Sequence[str], ml_folder: Path) -> list[str]:
        self._hidden.mkdir(parents=True, exist_ok=True)
        script = ["sh", "-c", _MOUNT, "sh", str(ml_folder), str(self._hidden)]
        return [*UNSHARE[method], "--", *script, *command]


def _hidden_folder(workspace: Path) -> Path:
    # /opt is mounted here, so this must not itself lie below /opt.
    base = workspace.resolve()
    if base.is_relative_to("/opt"):
        base = Path(tempfile.gettempdir())
    return base / "machine-opt"
