"""`promote plan`: shows what a promotion would change, and writes the plan file.

Reads the project, the account and Terraform's state (see `promotion.plan.stage`); writes the plan
file, `build/terraform/` and `build/handlers/`.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from promotion.cli.settings import SETTINGS

if TYPE_CHECKING:
    from promotion.cli.main import State
    from promotion.plan.stage import PlanRequest, Prepared

app = typer.Typer(**SETTINGS)


@app.command(
    epilog="Examples: promote plan dev | promote plan prod --release build/releases/x.tar "
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
            help="Release to promote; without it the last built of each use case.",
        ),
    ] = None,
    use_case: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Plan only this use case.")
    ] = None,
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
    """Show what a promotion would change in an environment, and save it as a plan file."""
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
    path = out or ctx.obj.root / "build" / "plans" / f"{environment}.plan"
    _remove(path)
    prepared = _prepare(ctx.obj, request)
    _warn(ctx.obj, request, prepared)
    raise typer.Exit(_finish(ctx.obj, prepared, path, as_json=as_json))


def _remove(path: Path) -> None:
    """Remove an earlier plan file: where this plan is refused, nobody shall apply that instead."""
    from promotion.errors import ConfigError

    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise ConfigError(
            f"plan file {path} cannot be replaced: {error.strerror}",
            hint="give another file with --out",
        ) from error


def _prepare(state: "State", request: "PlanRequest") -> "Prepared":
    from promotion.aws.session import Accounts
    from promotion.cli.wiring import terraform_factory
    from promotion.plan.stage import prepare_plan

    return prepare_plan(
        request,
        accounts=Accounts(),
        make_terraform=terraform_factory(state.ui),
        say=state.ui.progress,
    )


def _warn(state: "State", request: "PlanRequest", prepared: "Prepared") -> None:
    from promotion.plan.overrides import needless

    for gate in needless(prepared.plan, request.overrides):
        state.ui.warning(f"the override of {gate} is not needed: the gate does not refuse")


def _finish(state: "State", prepared: "Prepared", path: Path, *, as_json: bool) -> int:
    """Write the plan file unless a gate refuses, show the plan, and return the exit code."""
    from promotion.errors import DriftDetected, GateRefused

    found = prepared.plan
    digest = "" if found.refusals else prepared.write(path)
    _show(state, prepared, path, digest, as_json=as_json)
    if found.refusals:
        raise GateRefused(
            f"the promotion to {found.environment} is refused; no plan file was written",
            problems=[f"{each.gate}: {each.message}" for each in found.refusals],
            hint="; ".join(dict.fromkeys(each.hint for each in found.refusals)),
        )
    return DriftDetected.exit_code if found.has_changes else 0


def _show(state: "State", prepared: "Prepared", path: Path, digest: str, *, as_json: bool) -> None:
    from promotion.plan.encode import plan_document
    from promotion.plan.render import render_plan

    if as_json:
        written = {"path": str(path), "digest": digest} if digest else None
        state.ui.json({**plan_document(prepared.plan), "plan_file": written})
        return
    for line in render_plan(prepared.plan):
        state.ui.result(line.text, style=line.style)
    if digest:
        state.ui.result(f"plan file {path}")
        state.ui.result(f"digest {digest}")
