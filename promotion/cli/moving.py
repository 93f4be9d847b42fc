"""How `promote rollback` and `promote destroy` go on: plan, show, ask, apply that plan file.

Writes the plan file; mutates the account through `promotion.cli.apply`.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from promotion.plan.stage import PlanRequest

Environment = Annotated[str, typer.Argument(metavar="ENV", help="Name of the environment.")]
UseCase = Annotated[str, typer.Argument(metavar="USE_CASE", help="Name of the use case.")]
Reason = Annotated[
    str, typer.Option(metavar="TEXT", help="Why; stands in the plan and in the ledger.")
]
Out = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Plan file; one in build/plans/ without it."),
]
Override = Annotated[
    list[str] | None,
    typer.Option(
        metavar="GATE=REASON",
        help="Go on though this gate refuses; the reason and you stand in the plan.",
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help="Apply the plan without asking.")]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Only show the plan and write its file; for review.")
]


def plan_and_apply(
    ctx: typer.Context, request: "PlanRequest", out: Path | None, *, yes: bool, dry_run: bool
) -> None:
    """Plan into a file, show it, and unless it is a dry run apply exactly that file.

    Args:
        ctx: context of the command.
        request: what to plan.
        out: the plan file; None takes the usual place.
        yes: whether to apply without asking.
        dry_run: whether to end before the apply.

    Raises:
        typer.Exit: 3 when a dry run found differences, 1 when the answer was no.
    """
    from promotion.cli.apply import apply
    from promotion.cli.planning import plan_to_file
    from promotion.errors import DriftDetected

    name = f"{request.environment}-{request.purpose}.plan"
    path = out or ctx.obj.root / "build" / "plans" / name
    prepared = plan_to_file(ctx.obj, request, path)
    if not prepared.plan.has_changes:
        return
    if dry_run:
        ctx.obj.ui.progress(f"not applied; after the review: promote apply {path}")
        raise typer.Exit(DriftDetected.exit_code)
    # As if it were typed: what apply checks, locks and records holds here too.
    apply(ctx, path, yes=yes, dry_run=False, digest=None)
