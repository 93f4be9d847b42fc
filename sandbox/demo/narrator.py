"""Tells the demo's story: prints it as it happens and keeps it for the report.

Writes to the console it is given; keeps stages and timeline in memory.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rich.markup import escape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from rich.console import Console


@dataclass
class Stage:
    """One numbered part of the story.

    Attributes:
        number: From 1.
        title: What the stage shows.
        seconds: Real time that it took.
        facts: What was found to be as told, a sentence each.
    """

    number: int
    title: str
    seconds: float = 0.0
    facts: list[str] = field(default_factory=list)


class Narrator:
    """Prints stages, commands and facts, and remembers them."""

    def __init__(self, console: Console, now: Callable[[], datetime]) -> None:
        """Tell the story.

        Args:
            console: Where it is printed.
            now: The virtual time, for the timeline.
        """
        self._console = console
        self._now = now
        self.stages: list[Stage] = []
        self.timeline: list[dict[str, str]] = []

    @contextmanager
    def stage(self, title: str) -> Iterator[None]:
        """Open the next stage; its time is printed when it ends well."""
        stage = Stage(number=len(self.stages) + 1, title=title)
        self.stages.append(stage)
        self._console.print()
        self._console.rule(f"[bold]{stage.number}. {escape(title)}", align="left")
        started = time.monotonic()
        yield
        stage.seconds = round(time.monotonic() - started, 1)
        self._console.print(f"   [dim]{stage.seconds:.1f} s[/dim]")

    def fact(self, text: str) -> None:
        """State something that was just seen to be true."""
        self.stages[-1].facts.append(text)
        self._console.print(f" [green]✓[/green] {escape(text)}", highlight=False, soft_wrap=True)

    def say(self, text: str, *, source: str = "") -> None:
        """Print a line of a command's output or of progress.

        Args:
            text: One line; may hold colour codes of the command that wrote it.
            source: Which of several parallel commands wrote it.
        """
        label = f"{source:>9} │ " if source else "  │ "
        self._console.print(
            f"[dim]{escape(label)}{escape(text)}[/dim]", highlight=False, soft_wrap=True
        )

    def command(self, text: str, *, source: str = "") -> None:
        """Print a command before it runs."""
        label = f"[dim]{source:>9} │ [/dim]" if source else " "
        self._console.print(
            f"{label}[cyan]$ {escape(text)}[/cyan]", highlight=False, soft_wrap=True
        )

    def event(self, kind: str, environment: str, title: str, detail: str, outcome: str) -> None:
        """Enter something in the report's timeline, at the virtual time of now.

        Args:
            kind: terraform, promotion, execution, approval, event, alert or clock.
            environment: Where it happened.
            title: What happened, in a few words.
            detail: One sentence more.
            outcome: ok, stopped, failed or info.
        """
        self.timeline.append(
            {
                "at": self._now().isoformat(timespec="seconds"),
                "environment": environment,
                "kind": kind,
                "title": title,
                "detail": detail,
                "outcome": outcome,
            }
        )

    def chapters(self) -> list[dict[str, Any]]:
        """Return the stages as the report wants them."""
        return [vars(stage) for stage in self.stages]
