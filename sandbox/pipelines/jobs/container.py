"""Runs a job's container: one real process in its own ``/opt/ml``.

Writes the job's folder (``ml``, ``home`` and ``log``) and starts processes.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.pipelines.jobs.isolation import OPT_ML, Isolation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.model import Document

THREADS = "2"  # OMP_NUM_THREADS: jobs run beside each other on machines of two cores
_GRACE_SECONDS = 2.0  # SageMaker waits 120 s between SIGTERM and SIGKILL
_PYTHONS = frozenset({"python", "python3", "/usr/bin/python3", "/miniconda3/bin/python"})


@dataclass
class Container:
    """The folder and the process of one job."""

    folder: Path
    isolation: Isolation
    _process: subprocess.Popen[bytes] | None = None
    _ended_by: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def ml(self) -> Path:
        """What the process sees as ``/opt/ml``."""
        return self.folder / "ml"

    @property
    def ended_by(self) -> str:
        """Why ``kill`` was called; empty when it was not."""
        return self._ended_by

    def path(self, inside: str) -> Path:
        """Return where a path below ``/opt/ml`` lies outside the job."""
        return self.ml / Path(inside).relative_to(OPT_ML)

    def create(self, *inside: str) -> None:
        """Create folders below ``/opt/ml``."""
        for path in inside:
            self.path(path).mkdir(parents=True, exist_ok=True)

    def write_json(self, inside: str, document: Document) -> None:
        """Write a configuration file."""
        target = self.path(inside)
        target.parent.mkdir(parents=True, exist_ok=True)
        text = self.isolation.visible(json.dumps(document), self.ml.resolve())
        target.write_text(text, encoding="utf-8")

    def run(
        self, command: Sequence[str], environment: Mapping[str, str], timeout_seconds: float
    ) -> int:
        """Run a command to its end.

        Args:
            command: As the image's entrypoint; ``python`` and ``python3`` are the sandbox's.
            environment: Everything that the process gets, beside PATH, HOME and the like.
            timeout_seconds: After which the process is killed with reason ``timeout``.

        Returns:
            The exit code, negative for a signal.
        """
        home = self.folder / "home"
        home.mkdir(parents=True, exist_ok=True)
        program = sys.executable if command[0] in _PYTHONS else command[0]
        wrapped = self.isolation.wrap([program, *command[1:]], self.ml.resolve())
        variables = {
            "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(home.resolve()),
            "LANG": "C.UTF-8",
            "PYTHONUNBUFFERED": "1",
            "OMP_NUM_THREADS": THREADS,
            **{key: self.isolation.visible(value, self.ml) for key, value in environment.items()},
        }
        timer = threading.Timer(timeout_seconds, self.kill, ["timeout"])
        timer.daemon = True
        with (self.folder / "log").open("ab") as log:
            try:
                with self._lock:
                    if self._ended_by:
                        return -signal.SIGTERM
                    self._process = subprocess.Popen(  # noqa: S603 - running code is the purpose
                        wrapped,
                        stdin=subprocess.DEVNULL,
                        stdout=log,
                        stderr=subprocess.STDOUT,
                        cwd=home,
                        env=variables,
                        start_new_session=True,
                    )
            except OSError as error:
                log.write(f"cannot start {program}: {error}\n".encode())
                return 127
            timer.start()
            try:
                return self._process.wait()
            finally:
                timer.cancel()
                _signal_group(self._process, signal.SIGKILL)  # what the entrypoint left behind

    def kill(self, reason: str) -> None:
        """End the process: SIGTERM, then SIGKILL for its whole group."""
        with self._lock:
            self._ended_by = self._ended_by or reason
            process = self._process
        if process is None or process.poll() is not None:
            return
        _signal(process, signal.SIGTERM)
        timer = threading.Timer(_GRACE_SECONDS, _signal, [process, signal.SIGKILL])
        timer.daemon = True
        timer.start()

    def discard(self) -> None:
        """Remove the job's data; the log stays."""
        shutil.rmtree(self.ml, ignore_errors=True)
        shutil.rmtree(self.folder / "home", ignore_errors=True)


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    if process.poll() is None:
        _signal_group(process, number)


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)
