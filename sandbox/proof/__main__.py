"""`python -m sandbox.proof`: proves that every permission of the estate is needed.

Starts a sandbox in this process and runs the whole loop in it; writes ``build/proof/``,
``docs/permissions.json`` and ``docs/permissions.md``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from sandbox.model import SandboxError
from sandbox.proof import prove
from sandbox.proof import record as records
from sandbox.proof.estate import Estate, open_estate
from sandbox.proof.live import Proved
from sandbox.proof.page import write_page
from sandbox.proof.policies import all_permissions
from sandbox.proof.reasons import FILE, Reason, load_reasons
from sandbox.proof.replay import needs
from sandbox.proof.sampling import check_sample
from sandbox.proof.table import show

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    sample: Annotated[
        int, typer.Option(help="Prove only so many recorded permissions again; write nothing.")
    ] = 0,
    live: Annotated[
        bool, typer.Option(help="Remove permissions and run acts, beside replaying requests.")
    ] = True,
    data: Annotated[
        Path | None, typer.Option(help="Data file for training, as `sandbox demo` takes it.")
    ] = None,
) -> None:
    """Prove that every permission is needed, and record it. About forty minutes."""
    console = Console()
    reasons = load_reasons(Path(FILE))
    with open_estate(Path().resolve(), console, data) as estate:
        prove.lay_ground(estate)
        if sample:
            problems = check_sample(estate, records.read_record(Path(records.FILE)), sample)
        else:
            found = _prove(estate, reasons, console, live=live)
            problems = found.problems
            records.write_record(Path(records.FILE), found.record)
            write_page(Path())
            show(console, found.record, [])
    for problem in problems:
        console.print(f"[red]✗[/red] {problem}", highlight=False, soft_wrap=True)
    raise typer.Exit(int(bool(problems)))


def _prove(
    estate: Estate, reasons: tuple[Reason, ...], console: Console, *, live: bool
) -> prove.Findings:
    prove.observe(estate)
    policies = prove.today(estate)
    permissions = all_permissions(policies)
    proved = Proved()
    if live:
        needed = needs(permissions, estate.journal)
        proved = prove.prove_acts(estate, permissions, needed, console.print)
    prove.prove_deeds(estate, permissions, proved, live=live)
    return prove.conclude(estate, policies, proved, reasons)


if __name__ == "__main__":
    try:
        app()
    except SandboxError as error:
        Console(stderr=True).print(f"error: {error}", style="bold red", soft_wrap=True)
        sys.exit(error.exit_code)
