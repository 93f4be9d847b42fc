"""`python -m sandbox.proof`: proves that every permission of the estate is needed.

Starts a sandbox in this process and runs the whole loop in a copy of the project below
``build/proof/``; writes ``build/proof/``,
``docs/permissions.json`` and ``docs/permissions.md``.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from sandbox.model import SandboxError
from sandbox.proof import prove
from sandbox.proof import record as records
from sandbox.proof.estate import Estate, open_estate
from sandbox.proof.live import Proved
from sandbox.proof.page import write_page
from sandbox.proof.policies import all_permissions
from sandbox.proof.project import copy_project
from sandbox.proof.reasons import FILE, Reason, load_reasons
from sandbox.proof.replay import needs
from sandbox.proof.sampling import check_sample
from sandbox.proof.table import show

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.proof.policies import HeldPolicy, Permission

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    sample: Annotated[
        int, typer.Option(help="Prove only so many recorded permissions again; write nothing.")
    ] = 0,
    live: Annotated[
        bool, typer.Option(help="Remove permissions and run acts, beside replaying requests.")
    ] = True,
    minutes: Annotated[
        float,
        typer.Option(
            help="Time for removing, Terraform aside; what was recorded as live stays so while its "
            "statement and its need are the same. 0: remove everything anew."
        ),
    ] = 0,
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
            problems = check_sample(estate, records.read_record(Path(records.FILE)), sample)
        else:
            found = _prove(estate, reasons, console, live=live, seconds=minutes * 60)
            problems = found.problems
            records.write_record(Path(records.FILE), found.record)
            write_page(Path())
            show(console, found.record, [])
    for problem in problems:
        console.print(f"[red]✗[/red] {problem}", highlight=False, soft_wrap=True)
    raise typer.Exit(int(bool(problems)))


def _prove(
    estate: Estate, reasons: tuple[Reason, ...], console: Console, *, live: bool, seconds: float
) -> prove.Findings:
    failures = prove.observe(estate)
    policies = prove.today(estate)
    permissions = all_permissions(policies)
    needed = needs(permissions, estate.journal)
    proved = _before(policies, needed) if seconds or not live else Proved()
    if live:
        end = time.monotonic() + seconds
        prove.prove_acts(
            estate, permissions, needed, proved, console.print,
            in_time=lambda: not seconds or time.monotonic() < end,
        )  # fmt: skip
    try:
        # With a limit of time, Terraform is watched and nothing is removed under it.
        prove.prove_deeds(estate, permissions, proved, live=live and not seconds)
    except SandboxError as error:
        failures.append(str(error))
    found = prove.conclude(estate, policies, proved, reasons)
    found.problems[:0] = failures
    return found


def _before(policies: list[HeldPolicy], needed: Mapping[Permission, tuple[str, ...]]) -> Proved:
    file = Path(records.FILE)
    if not file.exists():
        return Proved()
    return prove.proved_before(records.read_record(file), policies, needed)


if __name__ == "__main__":
    try:
        app()
    except SandboxError as error:
        Console(stderr=True).print(f"error: {error}", style="bold red", soft_wrap=True)
        sys.exit(error.exit_code)
