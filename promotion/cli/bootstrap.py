"""`promote bootstrap`: prepares an account for promotions, as its administrator.

Reads the environment's file and the account; mutates the account (see
`promotion.terraform.bootstrap`).
"""

from typing import TYPE_CHECKING, Annotated

import typer

from promotion.cli.settings import SETTINGS

if TYPE_CHECKING:
    from promotion.cli.main import State
    from promotion.terraform.bootstrap import Bootstrap
    from promotion.terraform.summary import TerraformSummary

app = typer.Typer(**SETTINGS)


@app.command(
    epilog="Examples: promote bootstrap dev | promote bootstrap dev --dry-run | promote bootstrap "
    "registry --yes. Exit codes: 0 prepared or nothing to do, 1 AWS or Terraform refuses, or you "
    "said no, 2 usage or configuration, 130 interrupted."
)
def bootstrap(
    ctx: typer.Context,
    environment: Annotated[str, typer.Argument(metavar="ENV", help="Name of the environment.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what is missing.")] = False,
) -> None:
    """Prepare an environment's account for promotions.

    Makes its state bucket and the roles of Jenkins and of people. An administrator of the account
    runs it before the first promotion, and whenever a promotion would change who may enter the
    account. Running it again does nothing.
    """
    from promotion.aws.session import Accounts
    from promotion.cli.wiring import terraform_factory
    from promotion.terraform.bootstrap import open_bootstrap

    state: State = ctx.obj
    found = open_bootstrap(
        state.root, environment, accounts=Accounts(), make_terraform=terraform_factory(state.ui)
    )
    session = found.session
    state.ui.progress(f"{environment}: account {session.account_id} as {session.caller_arn}")
    if dry_run:
        _tell(state, found)
    elif not _prepare(state, found, asked=yes):
        state.ui.result("not applied")
        raise typer.Exit(1)


def _tell(state: "State", found: "Bootstrap") -> None:
    """Tell what is missing. Without a state bucket Terraform cannot plan."""
    if not found.bucket_exists():
        from promotion.terraform.access import ACCESS_MODULE

        state.ui.result(f"would create s3://{found.environment.buckets.state}")
        state.ui.result(f"would apply {ACCESS_MODULE}")
        return
    summary = found.plan()
    _show(state, found, summary, whole=True)
    where = _where(found)
    told = f"would apply {summary.sentence} to {where}"
    state.ui.result(told if summary.has_changes else f"nothing to do in {where}")


def _prepare(state: "State", found: "Bootstrap", *, asked: bool) -> bool:
    """Make what is missing; return False when the answer to the question is no."""
    bucket, where = f"s3://{found.environment.buckets.state}", _where(found)
    if not found.bucket_exists():
        if not (asked or state.ui.confirm(f"create {bucket} in {where}?")):
            return False
        found.create_bucket()
        state.ui.result(f"created {bucket}")
    summary = found.plan()
    if not summary.has_changes:
        state.ui.result(f"nothing to do in {where}")
        return True
    _show(state, found, summary, whole=not asked)
    if not (asked or state.ui.confirm(f"apply {summary.sentence} to {where}?")):
        return False
    found.apply()
    state.ui.result(f"applied {summary.sentence} to {where}")
    return True


def _show(state: "State", found: "Bootstrap", summary: "TerraformSummary", *, whole: bool) -> None:
    """Show the plan: whole to whoever decides on it, otherwise the resources that change."""
    if whole and summary.has_changes:
        state.ui.progress(found.plan_text().rstrip())
    for change in summary.changes:
        state.ui.progress(f"  {change.action} {change.address}")


def _where(found: "Bootstrap") -> str:
    return f"{found.environment.environment} (account {found.environment.account_id})"
