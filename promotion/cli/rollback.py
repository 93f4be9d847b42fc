"""`promote rollback`: brings an earlier release of a use case back.

Reads the project, the account and the ledger; writes a plan file, and applies exactly that.
"""

from typing import Annotated

import typer

from promotion.cli.moving import DryRun, Environment, Out, Override, Reason, UseCase, Yes
from promotion.cli.settings import SETTINGS

app = typer.Typer(**SETTINGS)


@app.command(
    epilog="Examples: promote rollback dev mammography --reason 'AUC fell' | "
    "promote rollback prod mammography --to 1f0c2ab --reason 'ticket 7' --dry-run. "
    "Exit codes: 0 rolled back or nothing to do, 1 failed, stale or answered no, 2 usage or "
    "configuration, 3 differences (--dry-run), 4 a gate refuses (no plan file), 130 interrupted."
)
def rollback(
    ctx: typer.Context,
    environment: Environment,
    use_case: UseCase,
    *,
    reason: Reason,
    to: Annotated[
        str,
        typer.Option(
            metavar="DIGEST",
            help="Release to go back to, at least 7 digits; without it the one before.",
        ),
    ] = "",
    out: Out = None,
    override: Override = None,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Bring back an earlier release of a use case.

    Plans it, shows the plan and applies it: pipelines only.
    """
    from promotion.aws.session import Accounts
    from promotion.cli.moving import plan_and_apply
    from promotion.plan.earlier import check_digest, find_earlier
    from promotion.plan.model import ROLLBACK
    from promotion.plan.overrides import parse_overrides
    from promotion.plan.reasons import checked_reason
    from promotion.plan.stage import PlanRequest

    why, overrides = checked_reason(reason), parse_overrides(override or ())
    digest = check_digest(to) if to else ""
    root = ctx.obj.root
    request = PlanRequest(
        root=root,
        environment=environment,
        releases=(digest or find_earlier(root, environment, use_case, accounts=Accounts()),),
        use_cases=(use_case,),
        with_terraform=False,
        overrides=overrides,
        purpose=ROLLBACK,
        reason=why,
    )
    plan_and_apply(ctx, request, out, yes=yes, dry_run=dry_run)
