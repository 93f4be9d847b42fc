"""`promote gates`: what must hold before a plan may be applied.

Reads the gates' modules; writes and calls nothing.
"""

from typing import TYPE_CHECKING, Annotated

import typer

from promotion.cli.settings import SETTINGS

if TYPE_CHECKING:
    from promotion.cli.main import State

app = typer.Typer(**SETTINGS)


@app.command(epilog="Examples: promote gates | promote gates --json. Exit codes: 0 told, 2 usage.")
def gates(
    ctx: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """List the gates that a plan has to pass.

    Tells what each one checks, and whether a plan may override it.
    """
    from promotion.plan.gates import gates as all_gates

    state: State = ctx.obj
    found = all_gates()
    if as_json:
        state.ui.json(
            {
                "gates": [
                    {"gate": gate.name, "summary": gate.summary, "overridable": gate.overridable}
                    for gate in found
                ]
            }
        )
        return
    rows = [(gate.name, "yes" if gate.overridable else "no", gate.summary) for gate in found]
    state.ui.table(("gate", "override", "what must hold"), rows, wrap=("what must hold",))
