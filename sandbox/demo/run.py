"""Runs the demo: its own sandbox, the story, the report.

Starts and stops the project's sandbox; writes below `build/demo/`.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox.accounts import load_accounts
from sandbox.daemon import HOST, Daemon, request
from sandbox.demo import audit
from sandbox.demo.accounts import Account
from sandbox.demo.commands import Commands
from sandbox.demo.evidence import gather
from sandbox.demo.narrator import Narrator
from sandbox.demo.report import render
from sandbox.demo.story import Story, tell
from sandbox.model import SandboxError
from sandbox.principals import principals_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console


def run(root: Path, console: Console, *, data: Path | None = None, keep: bool = False) -> Path:
    """Tell the story and write the report.

    Args:
        root: The project's folder.
        console: Where the story is told.
        data: A data file in UCI's form, instead of the kept or downloaded one.
        keep: Leave the sandbox running, to look around in it.

    Returns:
        Path of the HTML report.

    Raises:
        DemoFailed: Something is not as told.
        SandboxError: The sandbox does not start, or runs already, or ``data`` cannot be read.
    """
    daemon = Daemon(root)
    if daemon.running():
        raise SandboxError("a sandbox runs already: stop it with `sandbox down`, then run again")
    if data is not None:
        data = _readable(data, root)
    build = root / "build" / "demo"
    shutil.rmtree(build, ignore_errors=True)
    build.mkdir(parents=True)
    started = time.monotonic()
    try:
        story = _prepare(root, build, daemon, console, data)
        tell(story)
        audit.refusals(story)
        audit.ledger(story)
        path = _report(story, build, seconds=round(time.monotonic() - started, 1))
        console.print(f"\nAll as told, in {time.monotonic() - started:.0f} s.")
        console.print(f"{path.relative_to(root)} shows all of it.")
    finally:
        if not keep:
            daemon.stop()
    return path


def _readable(data: Path, root: Path) -> Path:
    """Return the path of the data file as commands in the project's folder have to name it.

    Checked here, and not only where the file is used: that is minutes later.

    Raises:
        SandboxError: The file cannot be read.
    """
    try:
        with data.open("rb"):
            return Path(os.path.relpath(data, root))
    except OSError as error:
        raise SandboxError(
            f"--data {data}: cannot be read ({error.strerror}): give the path of a data file, or "
            "leave --data out"
        ) from error


def _prepare(root: Path, build: Path, daemon: Daemon, console: Console, data: Path | None) -> Story:
    state, _ = daemon.start(_free_port())
    known = {each.name: each for each in principals_of(load_accounts(root / "environments"))}

    def variables(principal: str) -> Mapping[str, str]:
        return known[principal].environment(state.endpoint_url)

    def now() -> datetime:
        offset = timedelta(seconds=request(state, "clock")["offset_seconds"])
        return datetime.now(UTC) + offset

    def advance(moment: datetime) -> None:
        # Not waiting: the story follows what the schedule starts, step by step.
        request(state, "clock", {"until": moment.isoformat(), "wait_seconds": None})

    def inbox() -> list[dict[str, Any]]:
        request(state, "wait", {})
        return list(request(state, "inbox")["mails"])

    narrator = Narrator(console, now)
    files = sorted((root / "environments").glob("*.tfvars.json"))
    names = [file.name.removesuffix(".tfvars.json") for file in files]
    return Story(
        root=root,
        build=build,
        narrator=narrator,
        commands=Commands(root, narrator, variables),
        accounts={
            name: Account.connect(file, variables(f"{name}-admin"))
            for name, file in zip(names, files, strict=True)
        },
        now=now,
        advance=advance,
        inbox=inbox,
        data=data,
    )


def _report(story: Story, build: Path, *, seconds: float) -> Path:
    manifest = json.loads((build / "data" / "manifest.json").read_text(encoding="utf-8"))
    source = f"{manifest['source']}, sha256 {manifest['sha256'][:12]}"
    evidence = gather(story, seconds=seconds, data_source=source)
    text = json.dumps(evidence, indent=2, sort_keys=True)
    (build / "story.json").write_text(text + "\n", encoding="utf-8")
    path = build / "report.html"
    path.write_text(render(evidence), encoding="utf-8")
    return path


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
