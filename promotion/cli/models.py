"""`promote models`: model versions in the registry: list, approve, reject.

Reads the registry's environment file; calls SageMaker in the registry account. `approve` and
`reject` mutate with UpdateModelPackage, under the approver role.
"""

from typing import TYPE_CHECKING, Annotated

import typer

from promotion.cli.settings import SETTINGS

if TYPE_CHECKING:
    from promotion.aws.model_packages import ApprovalStatus
    from promotion.cli.main import State

app = typer.Typer(**SETTINGS, help="List, approve and reject model versions in the registry.")

UseCase = Annotated[str, typer.Argument(metavar="USE_CASE", help="Name of the use case.")]
Version = Annotated[int, typer.Argument(metavar="VERSION", help="Number of the version.", min=1)]
Reason = Annotated[str, typer.Option(metavar="TEXT", help="Why; kept with the version.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only tell what would change.")]


@app.command(
    "list",
    epilog="Examples: promote models list mammography | promote models list mammography --json. "
    "Exit codes: 0 listed, 1 AWS refuses, 2 usage or configuration.",
)
def list_(
    ctx: typer.Context,
    use_case: UseCase,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """List all versions of a use case's model, the newest first."""
    from promotion.aws.session import Accounts
    from promotion.registry.render import COLUMNS, version_notes, version_rows, versions_document
    from promotion.registry.versions import open_registry

    state: State = ctx.obj
    registry = open_registry(state.root, Accounts(), to_approve=False)
    versions = registry.versions(use_case)
    if as_json:
        state.ui.json(versions_document(use_case, versions))
    elif versions:
        state.ui.table(COLUMNS, version_rows(versions), wrap=())
        for note in version_notes(versions):
            state.ui.result(note)
    else:
        state.ui.result(f"use case {use_case} has no model version yet")


@app.command(
    epilog="Examples: promote models approve mammography 2 --reason 'well calibrated'. "
    "Exit codes: 0 approved, 1 refused or missing, 2 usage or configuration."
)
def approve(
    ctx: typer.Context, use_case: UseCase, version: Version, reason: Reason, dry_run: DryRun = False
) -> None:
    """Approve a version: the next inference run serves it. Acts under the approver role."""
    _decide(ctx.obj, use_case, version, "Approved", reason, dry_run=dry_run)


@app.command(
    epilog="Examples: promote models reject mammography 2 --reason 'trained on a broken batch'. "
    "Exit codes: 0 rejected, 1 refused or missing, 2 usage or configuration."
)
def reject(
    ctx: typer.Context, use_case: UseCase, version: Version, reason: Reason, dry_run: DryRun = False
) -> None:
    """Reject a version. One in service is replaced by the approved one before it."""
    _decide(ctx.obj, use_case, version, "Rejected", reason, dry_run=dry_run)


def _decide(
    state: "State",
    use_case: str,
    version: int,
    status: "ApprovalStatus",
    reason: str,
    *,
    dry_run: bool,
) -> None:
    from promotion.aws.session import Accounts
    from promotion.registry.approval import decide, prepare_decision
    from promotion.registry.versions import open_registry

    registry = open_registry(state.root, Accounts(), to_approve=True)
    account = registry.environment.account_id
    state.ui.progress(f"registry: account {account} as {registry.caller_arn}")
    decision = prepare_decision(registry, use_case, version, status, reason)
    if not decision.needed:
        state.ui.result(f"{use_case} version {version} is already {status}: nothing to do")
    elif dry_run:
        state.ui.result(f"would change {decision}")
    else:
        decide(registry, decision)
        state.ui.result(str(decision))
