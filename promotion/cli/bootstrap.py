"""`promote bootstrap`: creates the bare Terraform state bucket of an environment.

Reads the environment's file; calls S3 in its account, and mutates with CreateBucket.
"""

from typing import TYPE_CHECKING, Annotated

import typer

from promotion.cli.settings import SETTINGS

if TYPE_CHECKING:
    from promotion.cli.main import State

app = typer.Typer(**SETTINGS)


@app.command(
    epilog="Examples: promote bootstrap dev | promote bootstrap dev --dry-run. "
    "Exit codes: 0 the bucket is there, 1 AWS refuses, 2 usage or configuration."
)
def bootstrap(
    ctx: typer.Context,
    environment: Annotated[str, typer.Argument(metavar="ENV", help="Name of the environment.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what is missing.")] = False,
) -> None:
    """Create the S3 bucket of an environment's Terraform state, where it is missing.

    The environment's Terraform adopts the bucket and hardens it. Running it again does nothing.
    """
    from promotion.aws.objects import Objects
    from promotion.aws.session import Accounts
    from promotion.config import load_environment
    from promotion.terraform.bootstrap import create_state_bucket

    state: State = ctx.obj
    found = load_environment(state.root, environment)
    session = Accounts().open(found.account_id, found.region, found.deploy_role_arn)
    state.ui.progress(f"{environment}: account {session.account_id} as {session.caller_arn}")
    objects, bucket = Objects(session.s3, session.account_id), f"s3://{found.buckets.state}"
    if dry_run:
        there = objects.owns_bucket(found.buckets.state)
        state.ui.result(f"{bucket} exists" if there else f"would create {bucket}")
        return
    created = create_state_bucket(found, objects)
    state.ui.result(f"created {bucket}" if created else f"{bucket} exists: nothing to do")
