"""The demo's narrator and commands: what they print and keep, and how they stop the demo."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from sandbox.demo.commands import Commands, DemoFailed, Finished, environment_of_command
from sandbox.demo.narrator import Narrator
from sandbox.demo.story import Story

if TYPE_CHECKING:
    from pathlib import Path

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def told() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def narrator(told: io.StringIO) -> Narrator:
    return Narrator(Console(file=told, width=80), lambda: NOON)


@pytest.fixture
def commands(tmp_path: Path, narrator: Narrator) -> Commands:
    return Commands(tmp_path, narrator, lambda principal: {"AWS_ACCESS_KEY_ID": principal})


def story(root: Path, narrator: Narrator, commands: Commands) -> Story:
    return Story(
        root=root, build=root / "build", narrator=narrator, commands=commands, accounts={},
        now=lambda: NOON, advance=lambda moment: None, inbox=list,
    )  # fmt: skip


def test_stage__facts__are_kept_for_the_report(narrator: Narrator, told: io.StringIO) -> None:
    with narrator.stage("Something [odd]"):
        narrator.fact("it holds")
    (chapter,) = narrator.chapters()
    assert {name: chapter[name] for name in ("number", "title", "facts")} == {
        "number": 1,
        "title": "Something [odd]",
        "facts": ["it holds"],
    }
    assert "1. Something [odd]" in told.getvalue()
    assert " ✓ it holds\n" in told.getvalue()


def test_event__is_dated_by_the_virtual_clock(narrator: Narrator) -> None:
    narrator.event("alert", "prod", "alert sent", "drift", "info")
    assert narrator.timeline == [
        {
            "at": "2026-11-21T12:00:00+00:00",
            "environment": "prod",
            "kind": "alert",
            "title": "alert sent",
            "detail": "drift",
            "outcome": "info",
        }
    ]


def test_check__does_not_hold__stops_the_demo(
    tmp_path: Path, narrator: Narrator, commands: Commands
) -> None:
    with narrator.stage("Story"), pytest.raises(DemoFailed) as stopped:
        story(tmp_path, narrator, commands).check(False, "two mails came", "one came")
    assert str(stopped.value) == "Not as told: two mails came (one came)"
    assert stopped.value.exit_code == 1
    assert narrator.stages[0].facts == []


def test_promote__unexpected_exit_code__stops_the_demo(
    commands: Commands, told: io.StringIO
) -> None:
    with pytest.raises(DemoFailed) as stopped:
        commands.promote("no-such-command", principal="jenkins")
    assert str(stopped.value) == (
        "`promote no-such-command` ended with exit code 2, the demo expects 0; its output is above."
    )
    assert " $ promote no-such-command\n" in told.getvalue()
    assert "No such command" in told.getvalue()


def test_promote__expected_refusal__goes_on(commands: Commands) -> None:
    finished = commands.promote("no-such-command", principal="jenkins", expect=2)
    assert isinstance(finished, Finished)
    assert (finished.exit_code, finished.output) == (2, "")
    assert "No such command" in finished.messages


def test_parallel_commands__indented_lines__are_left_out(
    commands: Commands, told: io.StringIO
) -> None:
    finished = commands.promote("--help", principal="jenkins", source="dev")
    indented = [line for line in finished.output.splitlines() if line.startswith("  ")]
    shown = told.getvalue()
    assert "dev │ " in shown
    assert [line for line in indented if line in shown] == []


def test_promote__result_that_is_not_shown__is_returned(
    commands: Commands, told: io.StringIO
) -> None:
    finished = commands.promote("--help", principal="jenkins", shown=False)
    assert "Usage" in finished.output
    assert "Usage" not in told.getvalue()


def test_environment__own_aws_settings__are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "mine")
    environment = environment_of_command({"AWS_ACCESS_KEY_ID": "key"})
    assert {name: v for name, v in environment.items() if name.startswith("AWS_")} == {
        "AWS_ACCESS_KEY_ID": "key"
    }
