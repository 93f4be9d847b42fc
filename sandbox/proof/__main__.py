"""`python -m sandbox.proof`: proves that every permission of the estate is needed.

Starts a sandbox in this process and runs the whole loop in a copy of the project below
``build/proof/``; writes there, and ``docs/permissions.json`` and ``docs/permissions.md``. What is
recorded for a statement that has not changed since is not removed again.
"""

from __future__ import annotations

import math
import sys
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from sandbox.model import SandboxError
from sandbox.proof import prove
from sandbox.proof import record as records
from sandbox.proof.estate import Estate, open_estate
from sandbox.proof.page import write_page
from sandbox.proof.policies import all_permissions
from sandbox.proof.project import copy_project
from sandbox.proof.proved import Proved
from sandbox.proof.reasons import FILE, Reason, load_reasons
from sandbox.proof.replay import needs
from sandbox.proof.sampling import check_record, check_sample
from sandbox.proof.table import show

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    *,
    sample: Annotated[
        int, typer.Option(help="Prove only so many recorded permissions again; write nothing.")
    ] = 0,
    seed: Annotated[str, typer.Option(help="Decides what --sample draws.")] = "proof",
    anew: Annotated[
        bool, typer.Option(help="Remove every permission again, also what is recorded already.")
    ] = False,
    minutes: Annotated[
        float | None,
        typer.Option(
            min=0,
            help="Time for removing; what it does not suffice for is replayed. Without it there "
            "is no limit.",
        ),
    ] = None,
    environments: Annotated[
        Path, typer.Option(help="Folder with the environment files whose estate is proved.")
    ] = Path("environments"),
    data: Annotated[
        Path | None, typer.Option(help="Data file for training, as `sandbox demo` takes it.")
    ] = None,
) -> None:
    """Prove that every permission is needed, and record it."""
    console = Console()
    reasons = load_reasons(Path(FILE))
    project = copy_project(Path(), Path("build/proof/project").resolve(), environments)
    with open_estate(project, console, data.resolve() if data else None) as estate:
        prove.lay_ground(estate)
        if sample:
            record = records.read_record(Path(records.FILE))
            problems = check_record(estate, record)
            problems += check_sample(estate, record, seed, lambda number: number < sample)
        else:
            found = _prove(estate, reasons, console, anew=anew, minutes=minutes)
            problems = found.problems
            records.write_record(Path(records.FILE), found.record)
            write_page(Path())
            show(console, found.record)
    for problem in problems:
        console.print(f"[red]✗[/red] {problem}", highlight=False, soft_wrap=True)
    raise typer.Exit(int(bool(problems)))


def _prove(
    estate: Estate,
    reasons: tuple[Reason, ...],
    console: Console,
    *,
    anew: bool,
    minutes: float | None,
) -> prove.Findings:
    observed = prove.observe(estate)
    policies = prove.today(estate)
    permissions = all_permissions(policies)
    needed = needs(permissions, estate.journal)
    proved = Proved(failures=observed.failures)
    if not anew and Path(records.FILE).exists():
        proved.recorded = records.still_valid(records.read_record(Path(records.FILE)), policies)
    end = math.inf if minutes is None else time.monotonic() + minutes * 60

    def in_time() -> bool:
        return time.monotonic() < end

    def say(line: str) -> None:
        console.print(line, highlight=False, markup=False, soft_wrap=True)

    prove.prove_acts(
        estate, permissions, needed, proved, say,
        seconds=observed.seconds, in_time=in_time,
    )  # fmt: skip
    prove.prove_deeds(estate, permissions, proved, say, in_time=in_time)
    return prove.conclude(estate, policies, proved, reasons)


if __name__ == "__main__":
    try:
        app()
    except SandboxError as error:
        Console(stderr=True).print(f"error: {error}", style="bold red", soft_wrap=True)
        sys.exit(error.exit_code)
