"""`promote unlock`: removes the lock that an apply left behind when it was killed.

Reads the lock; asks; records the removal in the ledger and removes the lock (see
`promotion.apply.unlock`).
"""

from typing import TYPE_CHECKING, Annotated

import typer

from promotion.cli.settings import SETTINGS

if TYPE_CHECKING:
    from promotion.cli.main import State

app = typer.Typer(**SETTINGS)


@app.command(
    epilog="Examples: promote unlock dev --reason 'build 812 was killed' | promote unlock prod "
    "--reason 'the agent is gone' --yes. Exit codes: 0 unlocked, or nobody held the lock, 1 failed "
    "or not unlocked, 2 usage or configuration."
)
def unlock(
    ctx: typer.Context,
    environment: Annotated[str, typer.Argument(metavar="ENV", help="Name of the environment.")],
    reason: Annotated[
        str, typer.Option(metavar="TEXT", help="Why it may go; stands in the ledger.")
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove the lock of an environment whose apply is dead. Make sure first that it is."""
    from promotion.apply.unlock import check_reason, open_unlocking
    from promotion.apply.unlock import unlock as remove
    from promotion.aws.session import Accounts

    state: State = ctx.obj
    said = check_reason(reason)
    found = open_unlocking(state.root, environment, accounts=Accounts())
    account = f"{environment} (account {found.environment.account_id})"
    if found.held is None:
        state.ui.result(f"nobody holds the lock of {account}")
        return
    state.ui.progress(f"{account} is locked by {found.held.lock}")
    if not (yes or state.ui.confirm(f"is that run dead, and shall {account} be unlocked?")):
        state.ui.result("not unlocked")
        raise typer.Exit(1)
    remove(found, found.held, said)
    state.ui.result(f"unlocked {account}")
