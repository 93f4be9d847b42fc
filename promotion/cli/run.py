"""`promote run`: starts an execution of a pipeline and follows it.

Reads the environment's file; calls SageMaker in its account, and mutates with
StartPipelineExecution.
"""

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from promotion.cli.settings import SETTINGS

if TYPE_CHECKING:
    from promotion.aws.executions import Executions, StepState
    from promotion.cli.main import State
    from promotion.cli.ui import Redraw

app = typer.Typer(**SETTINGS)


@app.command(
    epilog="Examples: promote run dev mammography train | promote run dev mammography inference "
    "-p BatchDate=2026-01-31. Exit codes: 0 succeeded (or started, with --no-wait), 1 failed, "
    "2 usage, configuration or parameters, 130 interrupted: the execution goes on."
)
def run(
    ctx: typer.Context,
    environment: Annotated[str, typer.Argument(metavar="ENV", help="Name of the environment.")],
    use_case: Annotated[str, typer.Argument(metavar="USE_CASE", help="Name of the use case.")],
    pipeline: Annotated[str, typer.Argument(metavar="PIPELINE", help="Key of the pipeline.")],
    *,
    parameter: Annotated[
        list[str] | None,
        typer.Option("--parameter", "-p", metavar="Name=Value", help="Parameter; repeatable."),
    ] = None,
    wait: Annotated[bool, typer.Option(help="Follow the execution to its end.")] = True,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only check the parameters.")] = False,
) -> None:
    """Run a pipeline and follow it to its end.

    Starts an execution, shows its steps, and tells how it ended.
    """
    from promotion.aws.session import Accounts
    from promotion.execution.parameters import parse_assignments
    from promotion.execution.stage import prepare_start

    state: State = ctx.obj
    given = parse_assignments(parameter or [])
    start = prepare_start(state.root, environment, use_case, pipeline, given, accounts=Accounts())
    state.ui.progress(f"{environment}: account {start.account_id} {start.pipeline_name}")
    if dry_run:
        state.ui.result(f"would start {start.pipeline_name} in account {start.account_id}")
        return
    execution_arn = start.start()
    state.ui.result(execution_arn)
    if wait:
        _follow(state, start.executions, execution_arn)


def _follow(state: "State", executions: "Executions", execution_arn: str) -> None:
    from promotion.execution.follow import check_succeeded, follow

    seen: list[tuple[StepState, ...]] = [()]
    with state.ui.live() as redraw:

        def observe(steps: "tuple[StepState, ...]") -> None:
            _observe(state, redraw, seen[-1], steps)
            seen.append(steps)

        final = follow(executions, execution_arn, observe=observe, sleep=time.sleep)
    check_succeeded(final, seen[-1])
    state.ui.progress(f"{final.status}: {execution_arn}")


def _observe(
    state: "State",
    redraw: "Redraw | None",
    before: "tuple[StepState, ...]",
    after: "tuple[StepState, ...]",
) -> None:
    """Redraw all steps on a terminal; elsewhere tell of those that changed."""
    from promotion.execution.render import changed_steps, render_step

    if redraw is not None:
        redraw([render_step(step, datetime.now(UTC)) for step in after])
        return
    for step in changed_steps(before, after):
        state.ui.progress(render_step(step).text)
