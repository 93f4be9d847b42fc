"""`promote status`: what is deployed where, what ran last, which model serves.

Reads environment files; calls SageMaker in the workload accounts and in the registry account.
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from promotion.cli.settings import SETTINGS

if TYPE_CHECKING:
    from promotion.cli.main import State
    from promotion.status.model import UseCaseStatus

app = typer.Typer(**SETTINGS)


@app.command(
    epilog="Examples: promote status | promote status prod --json | promote status --exit-code. "
    "Exit codes: 0 told, 1 told but for what an account that cannot be asked leaves out, "
    "2 usage or configuration, 3 a pipeline has drifted (--exit-code)."
)
def status(
    ctx: typer.Context,
    environments: Annotated[
        list[str] | None,
        typer.Argument(metavar="ENV", help="Environments; all that run pipelines without it."),
    ] = None,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with 3 when a pipeline has drifted.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show what is live in each environment.

    By use case: release, age, drift, last run, model in service, pending approvals.
    """
    from promotion.aws.session import Accounts
    from promotion.errors import DriftDetected
    from promotion.status.collect import collect_status
    from promotion.status.model import drifted, status_document
    from promotion.status.render import COLUMNS, WRAP, status_rows

    state: State = ctx.obj
    with state.ui.working("asking the accounts"):
        found = collect_status(state.root, environments or [], accounts=Accounts())
    if as_json:
        state.ui.json(status_document(found))
    else:
        state.ui.table(COLUMNS, status_rows(found, datetime.now(UTC)), wrap=WRAP)
    _check(found)
    if exit_code and any(drifted(status) for status in found):
        raise typer.Exit(DriftDetected.exit_code)


def _check(found: "tuple[UseCaseStatus, ...]") -> None:
    from promotion.errors import RemoteError

    problems = [
        f"{status.use_case} in {status.environment}: {problem}"
        for status in found
        for problem in status.problems
    ]
    if problems:
        raise RemoteError("parts of the status are missing", problems=problems)
