"""`promote withdraw`: records that a release must not be promoted any more.

Reads environment files; calls AWS as `promotion.releases.withdraw` says.
"""

from typing import TYPE_CHECKING, Annotated

import typer

from promotion.cli.settings import SETTINGS

if TYPE_CHECKING:
    from promotion.cli.main import State

app = typer.Typer(**SETTINGS)


@app.command(
    epilog="Examples: promote withdraw mammography 1f0c2a77 --reason 'leaks the label'. "
    "Exit codes: 0 withdrawn, also when it was already, 1 AWS refuses, 2 usage or configuration."
)
def withdraw(
    ctx: typer.Context,
    use_case: Annotated[str, typer.Argument(metavar="USE_CASE", help="Name of the use case.")],
    digest: Annotated[
        str, typer.Argument(metavar="DIGEST", help="Digest of the release, 7 digits or more.")
    ],
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why; kept in the ledger.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only tell what would change.")
    ] = False,
) -> None:
    """Withdraw a release for good. Every environment's gates refuse it; what is live stays live."""
    from datetime import UTC, datetime

    from promotion.aws.session import Accounts
    from promotion.releases.records import ReleaseRecords
    from promotion.releases.withdraw import open_statements, prepare_withdrawal
    from promotion.releases.withdraw import withdraw as state_withdrawal

    state: State = ctx.obj
    accounts = Accounts()
    request = prepare_withdrawal(
        ReleaseRecords(state.root, accounts),
        use_case,
        digest,
        reason,
        actor=lambda region: accounts.caller(region).arn,
        now=lambda: datetime.now(UTC),
    )
    told = f"{use_case} {request.record.release_digest[:12]}"
    if request.earlier:
        earlier = request.earlier
        state.ui.result(
            f"{told} was withdrawn at {earlier.at} by {earlier.actor}: {earlier.reason}"
        )
    elif dry_run:
        state.ui.result(f"would withdraw {told}, stated by {request.environment.environment}")
    else:
        state_withdrawal(request, open_statements(request, accounts))
        state.ui.result(f"{told} is withdrawn")
