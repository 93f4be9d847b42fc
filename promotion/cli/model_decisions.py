"""`promote models` approve, reject, retire and rollback: the commands that decide.

Read the registry's environment file; call SageMaker, S3 and DynamoDB in the registry account under
the approver role, and mutate with UpdateModelPackage.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from promotion.cli.wiring import open_as_approver

if TYPE_CHECKING:
    from promotion.cli.main import State
    from promotion.registry.approval import Decision
    from promotion.registry.versions import Registry

UseCase = Annotated[str, typer.Argument(metavar="USE_CASE", help="Name of the use case.")]
Version = Annotated[int, typer.Argument(metavar="VERSION", help="Number of the version.", min=1)]
Reason = Annotated[str, typer.Option(metavar="TEXT", help="Why; kept with the version.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only tell what would change.")]


def approve(
    ctx: typer.Context,
    use_case: UseCase,
    version: Version,
    reason: Reason,
    *,
    override: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CHECK=REASON",
            help="Approve though this check refuses; the reason and you are recorded.",
        ),
    ] = None,
    dry_run: DryRun = False,
) -> None:
    """Approve a version, unless a check refuses: the next inference run serves it."""
    from promotion.registry.approval import approval, refuse
    from promotion.registry.examine import examine, parse_overrides
    from promotion.registry.screen import CHECK_COLUMNS, check_rows

    state: State = ctx.obj
    overrides = parse_overrides(override or ())
    registry = open_as_approver(state)
    decision, results = approval(registry, examine(registry, use_case, version), reason, overrides)
    if decision.needed:
        state.ui.table(CHECK_COLUMNS, check_rows(results), wrap=CHECK_COLUMNS[2:])
        for each in results:
            if each.passed and each.check in overrides:
                state.ui.warning(f"the override of {each.check} is not needed: it does not refuse")
        refuse(decision, results)
    _carry_out(state, registry, decision, dry_run=dry_run)


def reject(
    ctx: typer.Context, use_case: UseCase, version: Version, reason: Reason, dry_run: DryRun = False
) -> None:
    """Reject a version; one in service is replaced by the approved one before it."""
    from promotion.registry.approval import rejection

    registry = open_as_approver(ctx.obj)
    decision = rejection(registry, use_case, version, reason)
    _carry_out(ctx.obj, registry, decision, dry_run=dry_run)


def retire(
    ctx: typer.Context, use_case: UseCase, version: Version, reason: Reason, dry_run: DryRun = False
) -> None:
    """Retire an approved version: it serves no more, nor is it wrong."""
    from promotion.registry.approval import retirement

    registry = open_as_approver(ctx.obj)
    decision = retirement(registry, use_case, version, reason)
    _carry_out(ctx.obj, registry, decision, dry_run=dry_run)


def rollback(
    ctx: typer.Context, use_case: UseCase, reason: Reason, dry_run: DryRun = False
) -> None:
    """Serve the previous approved version: retires the one in service."""
    from promotion.registry.approval import rolling_back

    registry = open_as_approver(ctx.obj)
    decision = rolling_back(registry, use_case, reason)
    _carry_out(ctx.obj, registry, decision, dry_run=dry_run)


_COMMANDS: dict[Callable[..., None], str] = {
    approve: "Examples: promote models approve mammography 2 --reason 'well calibrated' | promote "
    "models approve mammography 2 --reason 'fewer false alarms' --override 'not-worse=recall "
    "matters more'. Exit codes: 0 approved, 1 missing or AWS refuses, 2 usage or configuration, "
    "4 a check refuses (nothing is changed).",
    reject: "Examples: promote models reject mammography 2 --reason 'trained on a broken batch'. "
    "Exit codes: 0 rejected, 1 refused or missing, 2 usage or configuration.",
    retire: "Examples: promote models retire mammography 1 --reason 'its features end in May'. "
    "Exit codes: 0 retired, 1 refused, missing or never approved, 2 usage or configuration.",
    rollback: "Examples: promote models rollback mammography --reason 'version 2 misses cases'. "
    "Exit codes: 0 rolled back, 1 refused or nothing to go back to, 2 usage or configuration.",
}


def add_to(app: typer.Typer) -> None:
    """Add the commands to `promote models`."""
    for function, epilog in _COMMANDS.items():
        app.command(epilog=epilog)(function)


def _carry_out(
    state: "State", registry: "Registry", decision: "Decision", *, dry_run: bool
) -> None:
    from promotion.registry.approval import decide

    if not decision.needed:
        version = decision.version
        reason = f" ({version.reason})" if version.reason else ""
        retired = ", retired" if version.stage == decision.life_cycle.stage == "Retired" else ""
        state.ui.result(
            f"{decision.use_case} version {version.version} is already {version.status}{retired}"
            f"{reason}: nothing to do"
        )
    elif dry_run:
        state.ui.result(f"would change {decision}")
        state.ui.result(f"then {decision.outlook}")
    else:
        decide(registry, decision)
        state.ui.result(str(decision))
        state.ui.result(decision.outlook)
