"""The sandbox as a background process.

Starts ``python -m sandbox.daemon``, keeps ``state.json`` and the log in ``build/sandbox/``,
talks to ``/_sandbox/``. Run as a module it is that process: it serves until it is told to
stop.
"""

from __future__ import annotations

import argparse
import http.client
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.accounts import load_accounts
from sandbox.model import Document, SandboxError

if TYPE_CHECKING:
    from types import FrameType

DEFAULT_PORT = 4599
HOST = "127.0.0.1"
_START_SECONDS = 30.0
_STOP_SECONDS = 10.0
_POLL_SECONDS = 0.05


@dataclass(frozen=True)
class State:
    """A sandbox that was started.

    Attributes:
        pid: Process id.
        port: TCP port.
        log: Path of the log file.
    """

    pid: int
    port: int
    log: str

    @property
    def endpoint_url(self) -> str:
        """Address of the server."""
        return f"http://{HOST}:{self.port}"


class Daemon:
    """Starts, finds and stops the background process of a project.

    Args:
        root: Project root, with ``environments/``.
    """

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._directory = self._root / "build" / "sandbox"
        self._state_path = self._directory / "state.json"

    def running(self) -> State | None:
        """Return the running sandbox, ``None`` when there is none."""
        try:
            state = State(**json.loads(self._state_path.read_text(encoding="utf-8")))
        except (FileNotFoundError, json.JSONDecodeError, TypeError):
            return None
        return state if _is_alive(state.pid) and _answers(state.endpoint_url) else None

    def require(self) -> State:
        """Return the running sandbox.

        Raises:
            SandboxError: There is none.
        """
        state = self.running()
        if state is None:
            raise SandboxError("the sandbox is not running: start it with `sandbox up`")
        return state

    def start(self, port: int) -> tuple[State, bool]:
        """Start a sandbox unless one runs already.

        Returns:
            The running sandbox, and whether it was started now.

        Raises:
            SandboxError: The port is in use, another port was asked for than the running
                sandbox has, an environment file is wrong, or the process ended at once.
        """
        state = self.running()
        if state is not None:
            if state.port != port:
                raise SandboxError(
                    f"the sandbox runs on port {state.port} already: `sandbox down` stops it"
                )
            return state, False
        _require_free(port)
        load_accounts(self._root / "environments")  # before anything is written or started
        self._directory.mkdir(parents=True, exist_ok=True)
        log = self._directory / "sandbox.log"
        command = [sys.executable, "-m", "sandbox.daemon", str(self._root), str(port)]
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self._root,
                start_new_session=True,
            )
        state = State(process.pid, port, str(log))
        self._state_path.write_text(json.dumps(asdict(state)), encoding="utf-8")
        self._await(state, process)
        return state, True

    def stop(self) -> bool:
        """Stop the sandbox; returns whether one was running.

        Raises:
            SandboxError: It does not end.
        """
        state = self.running()
        if state is not None:
            os.kill(state.pid, signal.SIGTERM)
            deadline = time.monotonic() + _STOP_SECONDS
            while _is_alive(state.pid):
                if time.monotonic() > deadline:
                    raise SandboxError(f"process {state.pid} does not end: see {state.log}")
                time.sleep(_POLL_SECONDS)
        self._state_path.unlink(missing_ok=True)
        return state is not None

    def _await(self, state: State, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while not _answers(state.endpoint_url):
            if process.poll() is not None or time.monotonic() > deadline:
                self._state_path.unlink(missing_ok=True)
                log = Path(state.log).read_text(encoding="utf-8", errors="replace").strip()
                last = log.splitlines()[-1] if log else "no output"
                raise SandboxError(f"the sandbox did not start: {last} (log: {state.log})")
            time.sleep(_POLL_SECONDS)


def request(state: State, path: str, body: Document | None = None) -> Document:
    """Call ``/_sandbox/PATH`` of a running sandbox: GET, or POST with a body.

    Raises:
        SandboxError: The sandbox refuses or does not answer.
    """
    url = f"{state.endpoint_url}/_sandbox/{path}"
    data = None if body is None else json.dumps(body).encode()
    call = urllib.request.Request(url, data=data)  # noqa: S310 - http to our own server
    try:
        with urllib.request.urlopen(call) as answer:  # noqa: S310
            return dict(json.load(answer))
    except urllib.error.HTTPError as error:
        with error:
            raise SandboxError(_refusal(error, state)) from error
    except (OSError, http.client.HTTPException) as error:
        raise SandboxError(f"the sandbox at {url} does not answer: {error}") from error


def _refusal(error: urllib.error.HTTPError, state: State) -> str:
    try:
        return str(json.load(error)["error"])
    except (ValueError, KeyError):
        return f"the sandbox failed at {error.url} (HTTP {error.code}): see {state.log}"


def _is_alive(pid: int) -> bool:
    try:
        # A child of ours that has ended stays until it is waited for.
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        pass
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_sandbox/health", timeout=5) as answer:  # noqa: S310
            return bool(json.load(answer).get("status") == "ok")
    except (OSError, http.client.HTTPException, json.JSONDecodeError):
        return False


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise SandboxError(
                f"port {port} of {HOST} is in use: stop what uses it, or pass another --port"
            ) from error


def serve(root: Path, port: int) -> None:
    """Serve a project's accounts until SIGTERM or SIGINT arrives."""
    from sandbox.server import Sandbox

    stop = threading.Event()

    def end(signal_number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    accounts = load_accounts(root / "environments")
    with Sandbox(accounts, port=port, workspace=root / "build" / "sandbox"):
        logging.getLogger(__name__).info("serving on port %d", port)
        stop.wait()


def main(arguments: list[str] | None = None) -> int:
    """Run as ``python -m sandbox.daemon ROOT PORT``; returns the exit code."""
    parser = argparse.ArgumentParser(prog="sandbox.daemon", description=__doc__)
    parser.add_argument("root", type=Path)
    parser.add_argument("port", type=int)
    given = parser.parse_args(arguments)
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    # One line a request to our own server would bury everything else.
    logging.getLogger("botocore").setLevel(logging.WARNING)
    try:
        serve(given.root, given.port)
    except SandboxError as error:
        logging.getLogger(__name__).error("%s", error)
        return error.exit_code
    return 0


if __name__ == "__main__":
    code = main()
    logging.shutdown()
    # Not sys.exit: it would wait for every execution and invocation that still runs.
    os._exit(code)
