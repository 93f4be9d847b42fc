"""`promote destroy`: deletes the pipelines of a use case that promote wrote.

Reads the project and the account; writes a plan file, and applies exactly that.
"""

import typer

from promotion.cli.moving import DryRun, Environment, Out, Override, Reason, UseCase, Yes
from promotion.cli.settings import SETTINGS

app = typer.Typer(**SETTINGS)


@app.command(
    epilog="Examples: promote destroy dev mammography --reason 'trial ended' | "
    "promote destroy prod mammography --reason 'ticket 9' --dry-run. "
    "Exit codes: 0 destroyed or nothing to do, 1 failed, stale or answered no, 2 usage or "
    "configuration, 3 differences (--dry-run), 4 a gate refuses (no plan file), 130 interrupted."
)
def destroy(
    ctx: typer.Context,
    environment: Environment,
    use_case: UseCase,
    *,
    reason: Reason,
    out: Out = None,
    override: Override = None,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Delete the pipelines that promote wrote for a use case.

    Code, models and what Terraform owns stay.
    """
    from promotion.cli.moving import plan_and_apply
    from promotion.plan.model import DESTROY
    from promotion.plan.overrides import parse_overrides
    from promotion.plan.reasons import checked_reason
    from promotion.plan.stage import PlanRequest

    request = PlanRequest(
        root=ctx.obj.root,
        environment=environment,
        use_cases=(use_case,),
        with_terraform=False,
        overrides=parse_overrides(override or ()),
        purpose=DESTROY,
        reason=checked_reason(reason),
    )
    plan_and_apply(ctx, request, out, yes=yes, dry_run=dry_run)
