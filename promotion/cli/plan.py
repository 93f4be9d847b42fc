"""`promote plan`: shows what a promotion would change, and writes the plan file.

Reads the project, the account and Terraform's state (see `promotion.plan.stage`); writes the plan
file, `build/terraform/` and `build/handlers/`, and with `--build` what `promote build` writes.
"""

from pathlib import Path
from typing import Annotated

import typer

from promotion.cli.settings import SETTINGS

app = typer.Typer(**SETTINGS)


@app.command(
    epilog="Examples: promote plan dev --build | promote plan prod --release build/releases/x.tar "
    "--out prod.plan | promote plan registry --no-pipelines | promote plan prod --override "
    "'clean-commit=hotfix, merged tomorrow'. Exit codes: 0 nothing to do, "
    "1 failed, 2 usage or configuration, 3 differences, 4 a gate refuses (no plan file)."
)
def plan(
    ctx: typer.Context,
    environment: Annotated[str, typer.Argument(metavar="ENV", help="Name of the environment.")],
    *,
    release: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PATH|DIGEST",
            envvar="PROMOTE_RELEASE",
            help="Release to promote; without it the last built of each use case.",
        ),
    ] = None,
    use_case: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", envvar="PROMOTE_USE_CASES", help="Plan only this use case."),
    ] = None,
    build: Annotated[
        bool,
        typer.Option("--build", help="Build the use cases first, as promote build does."),
    ] = False,
    pipelines: Annotated[bool, typer.Option(help="Plan pipelines and their code.")] = True,
    override: Annotated[
        list[str] | None,
        typer.Option(
            metavar="GATE=REASON",
            help="Go on though this gate refuses; the reason and you stand in the plan.",
        ),
    ] = None,
    terraform: Annotated[bool, typer.Option(help="Plan the environment's Terraform.")] = True,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Plan file; build/plans/ENV.plan without it."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show what a promotion would change, and save the plan.

    The plan file is what promote apply takes.
    """
    from promotion.cli.building import build_for
    from promotion.cli.planning import plan_to_file
    from promotion.errors import DriftDetected
    from promotion.plan.overrides import parse_overrides
    from promotion.plan.stage import PlanRequest

    request = PlanRequest(
        root=ctx.obj.root,
        environment=environment,
        releases=tuple(release or ()),
        use_cases=tuple(use_case or ()),
        with_pipelines=pipelines,
        with_terraform=terraform,
        overrides=parse_overrides(override or ()),
    )
    if build:
        request = build_for(ctx.obj, request)
    path = out or ctx.obj.root / "build" / "plans" / f"{environment}.plan"
    prepared = plan_to_file(ctx.obj, request, path, as_json=as_json)
    raise typer.Exit(DriftDetected.exit_code if prepared.plan.has_changes else 0)
