"""Runs the platform's own commands as their users would, and shows what they print.

Starts subprocesses (`promote`, Python modules); calls nothing else.
"""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.model import SandboxError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sandbox.demo.narrator import Narrator


class DemoFailed(SandboxError):
    """The platform did not do what the demo tells."""


@dataclass(frozen=True)
class Finished:
    """What a command did.

    Attributes:
        exit_code: As the process returned it.
        output: What it wrote to standard output: the result.
        messages: What it wrote to standard error.
    """

    exit_code: int
    output: str
    messages: str


class Commands:
    """Runs commands in the project's folder as one of the sandbox's principals."""

    def __init__(
        self,
        root: Path,
        narrator: Narrator,
        environment: Callable[[str], Mapping[str, str]],
    ) -> None:
        """Run commands.

        Args:
            root: The project's folder.
            narrator: Shows the commands and their output.
            environment: Gives the environment variables that make a process act as the
                principal of that name.
        """
        self._root = root
        self._narrator = narrator
        self._environment = environment

    def variables(self, principal: str) -> Mapping[str, str]:
        """Return the environment variables with which a process acts as a principal."""
        return self._environment(principal)

    def promote(
        self,
        *arguments: str,
        principal: str,
        expect: int | tuple[int, ...] = 0,
        source: str = "",
        shown: bool = True,
    ) -> Finished:
        """Run `promote` and check its exit code.

        Args:
            arguments: Words after `promote`.
            principal: Who runs it.
            expect: The exit code that the story tells, or those that it allows.
            source: Label of the output when several commands run at once.
            shown: Whether its result is shown; its messages always are.

        Raises:
            DemoFailed: It ended with another exit code.
        """
        self._narrator.command("promote " + " ".join(arguments), source=source)
        program = str(Path(sys.executable).with_name("promote"))
        codes = expect if isinstance(expect, tuple) else (expect,)
        return self._run(
            [program, *arguments], self.variables(principal),
            expect=codes, source=source, shown=shown,
        )  # fmt: skip

    def module(self, name: str, *arguments: str) -> Finished:
        """Run a Python module of the project that calls no AWS service.

        Raises:
            DemoFailed: It failed.
        """
        self._narrator.command(" ".join(["python -m", name, *arguments]))
        return self._run([sys.executable, "-m", name, *arguments], {}, expect=(0,), source="")

    def _run(
        self,
        words: list[str],
        environment: Mapping[str, str],
        *,
        expect: tuple[int, ...],
        source: str,
        shown: bool = True,
    ) -> Finished:
        with subprocess.Popen(  # noqa: S603 - the words are the demo's own
            words,
            cwd=self._root,
            env=environment_of_command(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            with ThreadPoolExecutor(1) as reader:
                messages = reader.submit(self._show, process.stderr, source)
                output = self._show(process.stdout, source, shown=shown)
        finished = Finished(process.returncode, output, messages.result())
        if finished.exit_code not in expect:
            codes = " or ".join(map(str, expect))
            raise DemoFailed(
                f"`{Path(words[0]).name} {' '.join(words[1:])}` ended with exit code "
                f"{finished.exit_code}, the demo expects {codes}; its output is above."
            )
        return finished

    def _show(self, stream: Iterable[str] | None, source: str, *, shown: bool = True) -> str:
        """Show a stream as it comes and return it whole; of parallel commands the unindented."""
        lines = []
        for line in stream or ():
            lines.append(line)
            if shown and not (source and line.startswith("  ")):
                self._narrator.say(line.rstrip(), source=source)
        return "".join(lines)


def environment_of_command(added: Mapping[str, str]) -> dict[str, str]:
    """Return this process' environment without its own AWS settings, with ``added``.

    Terraform and its AWS provider are Go: with rarer garbage collection each of their forty starts
    takes a third less processor time, for 150 MB more memory.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {"GOGC": "400", **kept, "COLUMNS": "120", "TERM": "dumb", **added}
