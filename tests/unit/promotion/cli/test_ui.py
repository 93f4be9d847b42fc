"""What goes to stdout, what to stderr, and when a question may be asked."""

import io
import os

import pytest

from promotion.cli.ui import Ui
from promotion.errors import BuildError, ConfigError, GateRefused, PromotionError


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def streams() -> tuple[io.StringIO, io.StringIO]:
    return io.StringIO(), io.StringIO()


def test_ui__result_and_json__go_to_stdout_unchanged(
    streams: tuple[io.StringIO, io.StringIO],
) -> None:
    ui = Ui(stdout=streams[0], stderr=streams[1])
    ui.result("[bold]not markup[/bold] " + "x" * 200)
    ui.json({"b": 1, "a": "é"})
    assert streams[0].getvalue() == (
        "[bold]not markup[/bold] " + "x" * 200 + '\n{\n  "a": "é",\n  "b": 1,\n  '
        '"schema_version": 1\n}\n'
    )
    assert streams[1].getvalue() == ""


def test_ui__error__shows_message_problems_and_next_step_on_stderr(
    streams: tuple[io.StringIO, io.StringIO],
) -> None:
    Ui(stdout=streams[0], stderr=streams[1]).error(
        BuildError("it is broken", problems=["here", "there"], hint="mend it")
    )
    assert streams[0].getvalue() == ""
    assert streams[1].getvalue() == "error: it is broken\n  - here\n  - there\nnext: mend it\n"


def test_ui__progress_warning_and_working__go_to_stderr(
    streams: tuple[io.StringIO, io.StringIO],
) -> None:
    ui = Ui(stdout=streams[0], stderr=streams[1])
    ui.progress("one")
    ui.warning("two")
    with ui.working("three"):
        pass
    assert streams[0].getvalue() == ""
    assert streams[1].getvalue() == "one\nwarning: two\nthree\n"


def test_ui__table__is_text_without_markup(streams: tuple[io.StringIO, io.StringIO]) -> None:
    ui = Ui(stdout=streams[0], stderr=streams[1])
    ui.table(["name", "value"], [["[red]a[/red]", "1"]], title="things")
    lines = [line.strip() for line in streams[0].getvalue().splitlines() if line.strip()]
    assert lines[0] == "things"
    assert lines[1].split() == ["name", "value"]
    assert lines[3].split() == ["[red]a[/red]", "1"]


@pytest.mark.parametrize(("answer", "agreed"), [("y\n", True), ("YES\n", True), ("\n", False)])
def test_ui__confirm_on_a_terminal__asks_on_stderr(
    streams: tuple[io.StringIO, io.StringIO], answer: str, agreed: bool
) -> None:
    ui = Ui(stdout=streams[0], stderr=streams[1], stdin=Terminal(answer))
    assert ui.confirm("go on?") is agreed
    assert (streams[0].getvalue(), streams[1].getvalue()) == ("", "go on? [y/N] ")


def test_ui__confirm_without_terminal__is_refused(
    streams: tuple[io.StringIO, io.StringIO],
) -> None:
    ui = Ui(stdout=streams[0], stderr=streams[1], stdin=io.StringIO("y\n"))
    with pytest.raises(ConfigError) as caught:
        ui.confirm("go on?")
    assert caught.value.hint == "pass --yes to go ahead without being asked"


def test_errors__exit_codes__are_the_documented_ones() -> None:
    codes = {c.__name__: c.exit_code for c in (PromotionError, ConfigError, BuildError)}
    assert codes == {"PromotionError": 1, "ConfigError": 2, "BuildError": 1}
    assert GateRefused.exit_code == 4


def test_errors__text__has_message_and_problems() -> None:
    assert str(BuildError("broken", problems=["a", "b"])) == "broken\n  - a\n  - b"


def test_ui__reader_of_a_pipe_has_gone__ends_without_a_traceback() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as gone:
        with pytest.raises(SystemExit) as caught:
            Ui(stdout=gone).result("unread")
        assert caught.value.code == 1
        gone.write("nor does what is left in the buffer complain")


@pytest.mark.parametrize(("forced", "coloured"), [("1", True), ("", False)])
def test_ui__colour_is_forced__as_the_environment_says(
    streams: tuple[io.StringIO, io.StringIO],
    monkeypatch: pytest.MonkeyPatch,
    forced: str,
    coloured: bool,
) -> None:
    monkeypatch.setenv("FORCE_COLOR", forced)
    monkeypatch.setenv("TERM", "xterm-256color")
    Ui(stdout=streams[0], stderr=streams[1]).warning("careful")
    assert ("\x1b[" in streams[1].getvalue()) is coloured
    assert "warning: careful" in streams[1].getvalue()
