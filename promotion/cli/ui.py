"""All output of `promote`: results on stdout; progress, warnings and errors on stderr.

Writes to the two streams it is given, reads stdin to confirm, and calls nothing else. Rich is
imported where something is drawn: lines of text go to a file or a pipe as they are.
"""

import json
import os
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, TextIO

from promotion.errors import ConfigError

if TYPE_CHECKING:
    from rich.console import Console

    from promotion.errors import PromotionError

Redraw = Callable[[Sequence[tuple[str, str | None]]], None]

# Width of output that goes to a file or a pipe: nothing there should be cut or wrapped.
PIPE_WIDTH = 1000


class Ui:
    """Writes what a command has to say; colour only on a terminal.

    Args:
        stdout: stream of results; None looks up `sys.stdout` at each write.
        stderr: stream of progress, warnings and errors; None looks up `sys.stderr`.
        stdin: where an answer to `confirm` is read from; None is `sys.stdin`.
    """

    def __init__(
        self,
        *,
        stdout: TextIO | None = None,
        stderr: TextIO | None = None,
        stdin: TextIO | None = None,
    ) -> None:
        """Keep the streams."""
        self._stdout = stdout
        self._stderr = stderr
        self._stdin = stdin

    @cached_property
    def _out(self) -> "Console":
        return _console(self._stdout or sys.stdout)

    @cached_property
    def _err(self) -> "Console":
        return _console(self._stderr or sys.stderr)

    def result(self, text: str = "", *, style: str | None = None) -> None:
        """Write one line (or several) of the command's result to stdout, unchanged."""
        self._say(text, style=style)

    def json(self, value: Mapping[str, object]) -> None:
        """Write one JSON object to stdout, keys sorted, `schema_version` 1 unless it has one."""
        document = {"schema_version": 1, **value}
        self.result(json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False))

    def table(
        self,
        columns: Sequence[str],
        rows: Sequence[Sequence[str]],
        *,
        title: str | None = None,
        wrap: Collection[str] | None = None,
    ) -> None:
        """Write a table to stdout; cells are text without markup.

        Args:
            columns: headings.
            rows: cells, in the order of the columns.
            title: line above the table.
            wrap: headings of the columns that give way on a narrow terminal; None is all.
        """
        from rich import box
        from rich.table import Table
        from rich.text import Text

        table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
        for column in columns:
            whole = wrap is not None and column not in wrap
            table.add_column(column, no_wrap=whole, overflow="fold")
        for row in rows:
            table.add_row(*(Text(cell) for cell in row))
        self._out.print(table)

    def progress(self, text: str) -> None:
        """Write one line of progress to stderr."""
        self._say(text, style="dim", to_stderr=True)

    def warning(self, text: str) -> None:
        """Write a warning to stderr."""
        self._say(f"warning: {text}", style="yellow", to_stderr=True)

    def error(self, error: "PromotionError") -> None:
        """Write an error, its findings and its next step to stderr."""
        self._say(f"error: {error.message}", style="bold red", to_stderr=True)
        for problem in error.problems:
            self._say(f"  - {problem}", to_stderr=True)
        if error.hint:
            self._say(f"next: {error.hint}", to_stderr=True)

    @contextmanager
    def working(self, text: str) -> Iterator[None]:
        """Show that something is going on: a spinner on a terminal, one line elsewhere."""
        if _is_plain(self._stderr or sys.stderr):
            self.progress(text)
            yield
            return
        with self._err.status(text):
            yield

    @contextmanager
    def live(self) -> "Iterator[Redraw | None]":
        """Give a function that redraws lines in place on stderr; None where stderr is no terminal.

        The function takes pairs of text and Rich style, and may be called as often as wanted.
        """
        if _is_plain(self._stderr or sys.stderr):
            yield None
            return
        from rich.console import Group
        from rich.live import Live
        from rich.text import Text

        with Live(console=self._err, auto_refresh=False) as live:

            def redraw(lines: "Sequence[tuple[str, str | None]]") -> None:
                live.update(
                    Group(*(Text(text, style=style or "") for text, style in lines)), refresh=True
                )

            yield redraw

    def confirm(self, question: str, *, otherwise: str = "--yes") -> bool:
        """Ask a yes/no question on stderr; anything but "y" or "yes" is no.

        Args:
            question: what to ask, without the "[y/N]".
            otherwise: the option that answers yes where nobody can be asked.

        Raises:
            ConfigError: nobody can be asked: stdin is not a terminal.
        """
        stdin = self._stdin or sys.stdin
        if not stdin.isatty():
            raise ConfigError(
                f"cannot ask {question!r}: standard input is not a terminal",
                hint=f"pass {otherwise} to go ahead without being asked",
            )
        self._err.print(f"{question} [y/N] ", end="", markup=False, highlight=False)
        return stdin.readline().strip().lower() in {"y", "yes"}

    def _say(self, text: str, *, style: str | None = None, to_stderr: bool = False) -> None:
        stream = (self._stderr or sys.stderr) if to_stderr else (self._stdout or sys.stdout)
        if _is_plain(stream):
            _write(stream, text)
            return
        console = self._err if to_stderr else self._out
        console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)


def _is_plain(stream: TextIO) -> bool:
    """Return whether a stream takes neither colour nor what is redrawn (as Rich decides it)."""
    forced = os.environ.get("FORCE_COLOR")
    return not stream.isatty() if forced is None else forced == ""


def _write(stream: TextIO, text: str) -> None:
    try:
        print(text, file=stream, flush=True)
    except BrokenPipeError:
        # Whoever read has gone (promote plan | head); Python would complain once more at exit.
        # https://docs.python.org/3/library/signal.html#note-on-sigpipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        raise SystemExit(1) from None


def _console(stream: TextIO) -> "Console":
    from rich.console import Console

    return Console(file=stream, width=None if stream.isatty() else PIPE_WIDTH)
