"""`promote apply`: applies a plan file, exactly as it is.

Reads the plan file and the account; mutates the account (see `promotion.apply.executor`) under the
environment's lock, and tells the ledger (see `promotion.apply.journal`).
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from promotion.cli.settings import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Callable

    from promotion.apply.journal import Journal
    from promotion.apply.stage import Ready
    from promotion.cli.main import State
    from promotion.plan.archive import PlanFile

app = typer.Typer(**SETTINGS)


@app.command(
    epilog="Examples: promote apply build/plans/dev.plan | promote apply prod.plan --yes "
    "--digest 1f0c...  Exit codes: 0 applied or nothing to do, 1 failed or stale, 2 usage or "
    "configuration, 4 the plan was refused, 130 interrupted. 1 too when somebody else holds the "
    "lock (see promote unlock), and when the account is changed but the ledger does not know."
)
def apply(
    ctx: typer.Context,
    plan_file: Annotated[Path, typer.Argument(metavar="PLANFILE", help="What promote plan wrote.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what is left.")] = False,
    digest: Annotated[
        str | None, typer.Option(metavar="SHA256", help="Refuse another plan file than this.")
    ] = None,
) -> None:
    """Apply a plan file, and nothing else. Refused when the account has moved on since."""
    from promotion.apply.executor import DisplayExecutor
    from promotion.apply.stage import apply_plan, check_digest
    from promotion.plan.archive import read_plan

    state: State = ctx.obj
    file = read_plan(plan_file)
    check_digest(file, digest)
    _tell(state, file)
    look = _looks(state, file)
    ready = look()
    if dry_run:
        apply_plan(ready, DisplayExecutor(state.ui.result), say=lambda _: None)
        told = f"{_actions(len(ready.actions))} left for {_where(file)}"
    elif not ready.actions:
        # An earlier apply may have been killed before it told the ledger.
        _journal(state, file, ready).applied(0)
        told = ""
    elif not (yes or _confirm(state, file, ready)):
        state.ui.result("not applied")
        raise typer.Exit(1)
    else:
        told = f"applied {_actions(_apply(state, file, ready, look))} to {_where(file)}"
    state.ui.result(told if ready.actions else f"nothing to do in {_where(file)}")


def _tell(state: "State", file: "PlanFile") -> None:
    plan = file.plan
    state.ui.progress(f"{plan.environment}: account {plan.account_id} {plan.region}")
    state.ui.progress(f"plan {file.path} digest {file.digest}")
    for result in plan.overridden:
        if told := result.override:
            state.ui.warning(
                f"gate {result.gate} is overridden: {result.message}; reason: {told.reason} "
                f"(asked by {told.asked_by})"
            )


def _looks(state: "State", file: "PlanFile") -> "Callable[[], Ready]":
    """Return what looks at the account, each time anew, for what is left of the plan."""
    from promotion.apply.stage import make_ready
    from promotion.aws.session import Accounts
    from promotion.cli.wiring import terraform_factory

    accounts, make_terraform = Accounts(), terraform_factory(state.ui)
    return lambda: make_ready(file, state.root, accounts=accounts, make_terraform=make_terraform)


def _apply(state: "State", file: "PlanFile", ready: "Ready", look: "Callable[[], Ready]") -> int:
    from promotion.apply.lock import EnvironmentLock, new_lock
    from promotion.apply.locked import apply_locked
    from promotion.cli.signals import ended_in_order

    with ended_in_order():
        return apply_locked(
            EnvironmentLock(ready.session, ready.environment),
            new_lock(ready.actor, file.digest, file.plan.purpose),
            look_again=look,
            journal=_journal(state, file, ready),
            say=state.ui.progress,
        )


def _journal(state: "State", file: "PlanFile", ready: "Ready") -> "Journal":
    from promotion.apply.journal import Journal
    from promotion.aws.statements import Statements

    place = ready.environment.ledger_function_arn
    registry = ready.environment.registry_account_id
    ledger = Statements(ready.session.lambda_, registry, place)
    return Journal(file, ready.actor, ledger, place, say=state.ui.progress)


def _confirm(state: "State", file: "PlanFile", ready: "Ready") -> bool:
    for action in ready.actions:
        state.ui.progress(f"  {action}")
    return state.ui.confirm(f"apply {_actions(len(ready.actions))} to {_where(file)}?")


def _actions(number: int) -> str:
    return "1 action" if number == 1 else f"{number} actions"


def _where(file: "PlanFile") -> str:
    return f"{file.plan.environment} (account {file.plan.account_id})"
