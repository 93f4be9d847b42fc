"""`promote diff`: how the live pipelines of two environments differ.

Reads environment files; calls SageMaker and S3 in both accounts, under their plan roles.
"""

from typing import TYPE_CHECKING, Annotated

import typer

from promotion.cli.settings import SETTINGS

if TYPE_CHECKING:
    from promotion.cli.main import State

app = typer.Typer(**SETTINGS)


@app.command(
    epilog="Examples: promote diff dev prod | promote diff dev prod --use-case mammography --json. "
    "Exit codes: 0 the same, 1 an account cannot be asked, 2 usage or configuration, "
    "3 differences."
)
def diff(
    ctx: typer.Context,
    before: Annotated[str, typer.Argument(metavar="ENV", help="First environment.")],
    after: Annotated[str, typer.Argument(metavar="ENV", help="Second environment.")],
    *,
    use_case: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Compare only this use case.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Compare what is live in two environments. Leaves out what their files set apart."""
    from promotion.aws.session import Accounts
    from promotion.comparison.collect import compare_environments
    from promotion.comparison.model import comparison_document
    from promotion.comparison.render import render_comparison
    from promotion.errors import DriftDetected

    state: State = ctx.obj
    with state.ui.working("asking the accounts"):
        found = compare_environments(state.root, before, after, use_case or (), accounts=Accounts())
    if as_json:
        state.ui.json(comparison_document(found))
    else:
        for line in render_comparison(found):
            state.ui.result(line.text, style=line.style)
    raise typer.Exit(DriftDetected.exit_code if found.differs else 0)
