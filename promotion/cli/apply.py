"""`promote apply`: applies a plan file, exactly as it is.

Reads the plan file and the account; mutates the account (see `promotion.apply.executor`).
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from promotion.cli.settings import SETTINGS

if TYPE_CHECKING:
    from promotion.apply.stage import Ready
    from promotion.cli.main import State
    from promotion.plan.archive import PlanFile

app = typer.Typer(**SETTINGS)


@app.command(
    epilog="Examples: promote apply build/plans/dev.plan | promote apply prod.plan --yes "
    "--digest 1f0c...  Exit codes: 0 applied or nothing to do, 1 failed or stale, 2 usage or "
    "configuration, 4 the plan was refused, 130 interrupted."
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
    """Apply a plan file, and nothing else: refused when the account has moved on since."""
    from promotion.apply.executor import DisplayExecutor
    from promotion.apply.stage import apply_plan, check_digest
    from promotion.plan.archive import read_plan

    state: State = ctx.obj
    file = read_plan(plan_file)
    check_digest(file, digest)
    ready = _ready(state, file)
    if dry_run:
        apply_plan(ready, DisplayExecutor(state.ui.result), say=lambda _: None)
    elif ready.actions and not (yes or _confirm(state, file, ready)):
        state.ui.result("not applied")
        raise typer.Exit(1)
    else:
        apply_plan(ready, ready.executor, say=state.ui.progress)
    state.ui.result(_told(file, ready, dry_run=dry_run))


def _ready(state: "State", file: "PlanFile") -> "Ready":
    from promotion.apply.stage import make_ready
    from promotion.aws.session import Accounts
    from promotion.cli.wiring import terraform_factory

    plan = file.plan
    state.ui.progress(f"{plan.environment}: account {plan.account_id} {plan.region}")
    state.ui.progress(f"plan {file.path} digest {file.digest}")
    for result in plan.overridden:
        if told := result.override:
            state.ui.warning(
                f"gate {result.gate} is overridden: {result.message}; reason: {told.reason} "
                f"(asked by {told.asked_by})"
            )
    return make_ready(
        file, state.root, accounts=Accounts(), make_terraform=terraform_factory(state.ui)
    )


def _confirm(state: "State", file: "PlanFile", ready: "Ready") -> bool:
    for action in ready.actions:
        state.ui.progress(f"  {action}")
    return state.ui.confirm(f"apply {_actions(ready)} to {_where(file)}?")


def _told(file: "PlanFile", ready: "Ready", *, dry_run: bool) -> str:
    if not ready.actions:
        return f"nothing to do in {_where(file)}"
    if dry_run:
        return f"{_actions(ready)} left for {_where(file)}"
    return f"applied {_actions(ready)} to {_where(file)}"


def _actions(ready: "Ready") -> str:
    number = len(ready.actions)
    return "1 action" if number == 1 else f"{number} actions"


def _where(file: "PlanFile") -> str:
    return f"{file.plan.environment} (account {file.plan.account_id})"
