"""`promote models`: model versions in the registry: list, show, compare, and what serves.

Reads the environment files; calls SageMaker, S3 and DynamoDB in the registry account. Writes the
model card where it is asked for; mutates no account: the commands that decide are in
`promotion.cli.model_decisions`.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from promotion.cli import model_decisions
from promotion.cli.model_decisions import UseCase, Version
from promotion.cli.settings import SETTINGS
from promotion.cli.wiring import open_as_approver

if TYPE_CHECKING:
    from promotion.cli.main import State
    from promotion.registry.examine import Examination
    from promotion.registry.versions import Registry

app = typer.Typer(**SETTINGS, help="List, show and decide on model versions in the registry.")

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.command(
    "list",
    epilog="Examples: promote models list mammography | promote models list mammography --json. "
    "Exit codes: 0 listed, 1 AWS refuses, 2 usage or configuration.",
)
def list_(ctx: typer.Context, use_case: UseCase, as_json: AsJson = False) -> None:
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
    epilog="Examples: promote models show mammography 2 | promote models show mammography 2 "
    "--json | promote models show mammography 2 --html card.html | promote models show "
    "mammography 2 --open. Exit codes: 0 shown, whatever the checks say; 1 missing or AWS "
    "refuses, 2 usage or configuration."
)
def show(
    ctx: typer.Context,
    use_case: UseCase,
    version: Version,
    *,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the model card, an HTML page, too.")
    ] = None,
    browse: Annotated[
        bool,
        typer.Option(
            "--open", help="Open the model card; it is written to build/models/ without --html."
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show what an approver must know of a version. Acts under the approver role."""
    from promotion.registry.examine import examine
    from promotion.registry.screen import examination_document

    state: State = ctx.obj
    registry = open_as_approver(state)
    found = examine(registry, use_case, version)
    if as_json:
        state.ui.json(examination_document(found))
    else:
        _show(state, found)
    if html or browse:
        path = html or state.root / "build" / "models" / f"{use_case}-{version}.html"
        _write_card(state, registry, found, path, browse=browse)


@app.command(
    epilog="Examples: promote models compare mammography 1 2. "
    "Exit codes: 0 compared, 1 missing or AWS refuses, 2 usage or configuration."
)
def compare(
    ctx: typer.Context,
    use_case: UseCase,
    version: Version,
    other: Annotated[int, typer.Argument(metavar="OTHER", help="Number of the other.", min=1)],
) -> None:
    """Show two versions side by side. Acts under the approver role."""
    from promotion.registry.examine import examine
    from promotion.registry.screen import paired_note, side_by_side

    state: State = ctx.obj
    registry = open_as_approver(state)
    first, second = (examine(registry, use_case, number) for number in (version, other))
    columns = ("", f"version {version}", f"version {other}")
    state.ui.table(columns, side_by_side(first, second), wrap=columns[1:])
    state.ui.result(paired_note(first, second))


@app.command(
    epilog="Examples: promote models serving mammography | promote models serving mammography "
    "--json. Exit codes: 0 told, 1 AWS refuses, 2 usage or configuration."
)
def serving(ctx: typer.Context, use_case: UseCase, as_json: AsJson = False) -> None:
    """Tell which version each environment would use now, and why, by asking the deciding code."""
    from promotion.aws.serving import ask
    from promotion.config import WorkloadEnvironment, load_environments
    from promotion.registry.screen import SERVING_COLUMNS, serving_rows

    state: State = ctx.obj
    registry = open_as_approver(state)
    answer = ask(registry.session, registry.group(use_case))
    names = [
        name
        for name, each in load_environments(state.root).items()
        if isinstance(each, WorkloadEnvironment) and use_case in each.use_cases
    ]
    if as_json:
        told = {**vars(answer), "version": answer.version or None}
        state.ui.json({"use_case": use_case, "environments": dict.fromkeys(names, told)})
    else:
        state.ui.table(SERVING_COLUMNS, serving_rows(names, answer), wrap=SERVING_COLUMNS[2:])


def _show(state: "State", found: "Examination") -> None:
    from promotion.registry import screen

    for line in screen.lines(screen.heading(found)):
        state.ui.result(line)
    rows = screen.metric_rows(found)
    if rows:
        state.ui.table(screen.METRIC_COLUMNS, rows, wrap=())
    else:
        state.ui.result("metrics     the evaluation cannot be read")
    state.ui.table(screen.CHECK_COLUMNS, screen.check_rows(found.results), wrap=("what was found",))
    state.ui.result(screen.checks_summary(found.results), style=screen.style_of(found.results))


def _write_card(
    state: "State", registry: "Registry", found: "Examination", path: Path, *, browse: bool
) -> None:
    import webbrowser

    from promotion.build.files import write_whole
    from promotion.registry.card.render import render_card

    write_whole(path, render_card(registry, found).encode())
    state.ui.progress(f"model card: {path}")
    if browse and not webbrowser.open(path.resolve().as_uri()):
        state.ui.warning(f"no browser could be started: open {path} yourself")


model_decisions.add_to(app)
