"""The command ``sandbox`` as people run it."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]


class Command:
    """Runs ``sandbox`` in a project folder of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = str(probe.getsockname()[1])

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "sandbox.cli", *arguments],
            cwd=self.root,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )


@pytest.fixture
def command(tmp_path: Path) -> Iterator[Command]:
    shutil.copytree(ROOT / "tests" / "environments", tmp_path / "environments")
    sandbox = Command(tmp_path)
    yield sandbox
    sandbox("down")


@pytest.mark.slow
def test_sandbox__whole_life__every_command(command: Command) -> None:
    up = command("up", "--port", command.port)
    url = f"http://127.0.0.1:{command.port}"
    assert (up.returncode, up.stdout) == (0, f"{url}\n")
    assert up.stderr.startswith("sandbox started, log ")

    again = command("up", "--port", command.port)
    assert (again.returncode, again.stdout) == (0, f"{url}\n")
    assert again.stderr.startswith("sandbox runs already, log ")

    other = command("up", "--port", "1025")
    assert other.returncode == 1
    message = f"sandbox: the sandbox runs on port {command.port} already: `sandbox down` stops it\n"
    assert other.stderr == message

    status = json.loads(command("status", "--json").stdout)
    assert (status["schema_version"], status["port"]) == (1, int(command.port))
    assert len(status["accounts"]) == 4
    assert status["log"] == str(command.root / "build" / "sandbox" / "sandbox.log")
    shown = command("status").stdout
    assert "333333333333  workload  dev" in shown
    assert "arn:aws:iam::111111111111:user/approver" in shown

    exported = command("env", "approver").stdout.splitlines()
    assert exported[0] == f"export AWS_ENDPOINT_URL={url}"
    assert exported[-1] == "unset AWS_SESSION_TOKEN AWS_PROFILE"
    assert re.fullmatch(r"export AWS_ACCESS_KEY_ID=AKIA[A-Z2-7]{16}", exported[1])
    nobody = command("env", "nobody")
    assert nobody.returncode == 1
    assert nobody.stderr.startswith("sandbox: no principal 'nobody': there are dev-admin, ")

    before = command("clock", "show").stdout.strip()
    moved = command("clock", "advance", "1d")
    assert moved.returncode == 0
    assert before < moved.stdout.strip()
    refused = command("clock", "advance", "until", "2020-01-01T00:00:00Z")
    assert refused.returncode == 1
    assert "the clock does not go back" in refused.stderr
    now = json.loads(command("clock", "show", "--json").stdout)["offset_seconds"]
    for nonsense, said in (
        (["soon"], "'soon' is not a duration: write 1d, 2h, 30m, 45s or 1d12h"),
        (["until", "tomorrow"], "'tomorrow' is not a time: write 2026-11-21T06:00:00Z"),
        (["until"], "until what? write: until next, or until 2026-11-22T06:00:00Z"),
        (["1d", "2d"], "'1d 2d': write 1d, 2h, 30m, or until TIME"),
        (["9999999d"], "'9999999d' is too long: the clock ends at 2199-12-31T23:59:59Z"),
    ):
        done = command("clock", "advance", *nonsense)
        assert (done.returncode, done.stdout, done.stderr) == (1, "", f"sandbox: {said}\n")
    assert json.loads(command("clock", "show", "--json").stdout)["offset_seconds"] == now
    told = command("demo")
    assert (told.returncode, told.stdout, told.stderr) == (
        1,
        "",
        "sandbox: a sandbox runs already: stop it with `sandbox down`, then run again\n",
    )
    assert command("status").returncode == 0
    assert not (command.root / "build" / "demo").exists()
    nothing = command("clock", "advance", "until", "next")
    assert nothing.stderr == "sandbox: no schedule is enabled: nothing comes next\n"

    assert json.loads(command("inbox", "--json").stdout) == {"mails": [], "schema_version": 1}
    assert command("inbox").stderr == "the inbox is empty\n"
    empty = {"deliveries": [], "schema_version": 1}
    assert json.loads(command("deliveries", "--json").stdout) == empty

    assert command("down").stderr == "sandbox stopped\n"
    down = command("down")
    assert (down.returncode, down.stderr) == (0, "no sandbox was running\n")
    assert not (command.root / "build" / "sandbox" / "state.json").exists()


def test_up__port_in_use__fails_and_starts_nothing(command: Command) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", int(command.port)))
        holder.listen()
        up = command("up", "--port", command.port)
    assert up.returncode == 1
    assert up.stdout == ""
    assert up.stderr == (
        f"sandbox: port {command.port} of 127.0.0.1 is in use: stop what uses it, or pass another "
        "--port\n"
    )
    assert not (command.root / "build").exists()


def test_up__broken_environment_file__says_why(command: Command) -> None:
    (command.root / "environments" / "dev.tfvars.json").write_text("{}")
    up = command("up", "--port", command.port)
    assert up.returncode == 1
    path = command.root / "environments" / "dev.tfvars.json"
    assert up.stdout == ""
    assert up.stderr == f"sandbox: {path} has no key 'environment': see `promote validate`\n"
    assert not (command.root / "build").exists()


@pytest.mark.parametrize("name", ["none.data", "."])
def test_demo__data_that_cannot_be_read__starts_nothing(command: Command, name: str) -> None:
    earlier = command.root / "build" / "demo" / "report.html"
    earlier.parent.mkdir(parents=True)
    earlier.write_text("of an earlier demo")
    done = command("demo", "--data", name)
    why = "Is a directory" if name == "." else "No such file or directory"
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"sandbox: --data {name}: cannot be read ({why}): give the path of a data file, or leave "
        "--data out\n"
    )
    assert earlier.read_text() == "of an earlier demo"
    assert [path.name for path in (command.root / "build").iterdir()] == ["demo"]


class Failing(BaseHTTPRequestHandler):
    """A sandbox that breaks down at every call but that for its health."""

    def do_GET(self) -> None:
        well = self.path == "/_sandbox/health"
        self.send_response(200 if well else 500)
        self.end_headers()
        self.wfile.write(b'{"status": "ok"}' if well else b"Internal Server Error")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def test_command__sandbox_breaks_down__names_the_log(command: Command) -> None:
    with ThreadingHTTPServer(("127.0.0.1", int(command.port)), Failing) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        state = {"pid": os.getpid(), "port": int(command.port), "log": "the log"}
        place = command.root / "build" / "sandbox" / "state.json"
        place.parent.mkdir(parents=True)
        place.write_text(json.dumps(state))
        done = command("inbox")
        place.unlink()  # `down` after the test must not take this process for a sandbox
        server.shutdown()
        thread.join()
    url = f"http://127.0.0.1:{command.port}/_sandbox/inbox"
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"sandbox: the sandbox failed at {url} (HTTP 500): see the log\n"


@pytest.mark.parametrize(
    "arguments", [("status",), ("inbox",), ("env", "dev-admin"), ("clock", "advance", "1d")]
)
def test_command__nothing_runs__says_how_to_start(
    command: Command, arguments: tuple[str, ...]
) -> None:
    done = command(*arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "sandbox: the sandbox is not running: start it with `sandbox up`\n"


def test_help__each_command__documents_its_exit_codes(command: Command) -> None:
    for arguments in ([], ["up"], ["down"], ["status"], ["env"], ["inbox"], ["clock", "advance"]):
        shown = command(*arguments, "--help")
        assert shown.returncode == 0
        assert "Exit codes: 0 done, 1 failed" in " ".join(shown.stdout.split())


def test_usage__unknown_command__is_exit_2(command: Command) -> None:
    assert command("fly").returncode == 2
