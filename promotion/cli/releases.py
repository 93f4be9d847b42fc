"""`promote releases`: the published releases, and what is known of each.

Reads environment files; calls AWS as `promotion.releases.listing` says.
"""

from typing import TYPE_CHECKING, Annotated

import typer

from promotion.cli.settings import SETTINGS

if TYPE_CHECKING:
    from promotion.cli.main import State

app = typer.Typer(**SETTINGS)


@app.command(
    epilog="Examples: promote releases | promote releases mammography --json. "
    "Exit codes: 0 listed, 1 an account cannot be asked, 2 usage or configuration."
)
def releases(
    ctx: typer.Context,
    use_case: Annotated[
        str, typer.Argument(metavar="[USE_CASE]", help="Use case; all without it.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """List the published releases.

    Tells who signed them, where they are live, and what they have shown.
    """
    from promotion.aws.session import Accounts
    from promotion.errors import RemoteError
    from promotion.releases.listing import collect_releases
    from promotion.releases.records import ReleaseRecords
    from promotion.releases.render import (
        COLUMNS,
        WRAP,
        release_notes,
        release_rows,
        releases_document,
    )

    state: State = ctx.obj
    accounts = Accounts()
    with state.ui.working("asking the accounts"):
        found = collect_releases(
            state.root, use_case, accounts=accounts, records=ReleaseRecords(state.root, accounts)
        )
    if as_json:
        state.ui.json(releases_document(found))
    elif found.releases:
        state.ui.table(COLUMNS, release_rows(found), wrap=WRAP)
        for note in release_notes(found):
            state.ui.result(note)
    else:
        state.ui.result("no release is published yet")
    if found.problems:
        raise RemoteError("it is not known everywhere what is live", problems=found.problems)
