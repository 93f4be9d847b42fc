"""The command ``sandbox`` as people run it."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
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
        )


@pytest.fixture
def command(tmp_path: Path) -> Iterator[Command]:
    shutil.copytree(ROOT / "environments", tmp_path / "environments")
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
    assert "dev.tfvars.json has no key 'environment'" in up.stderr


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
