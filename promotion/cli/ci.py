"""`promote ci`: what stages of the Jenkinsfile ask, so that Groovy decides nothing.

`decide` reads the build's variables and git, and writes the decision; `summary` reads plans and
writes Markdown; `runs` asks the registry account. Nothing here changes an account.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from promotion.cli.settings import SETTINGS

if TYPE_CHECKING:
    from promotion.ci.summary import Reviewed
    from promotion.cli.main import State

app = typer.Typer(**SETTINGS, help="Decide and tell, for a build of the Jenkinsfile.")


@app.command(
    epilog="Examples: promote ci decide | promote ci decide --out build/ci/decision.json. "
    "Exit codes: 0 decided, 1 the file cannot be written, 2 a parameter of the build is wrong."
)
def decide(
    ctx: typer.Context,
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where the decision goes.")] = Path(
        "build/ci/decision.json"
    ),
) -> None:
    """Decide what a build does, from its variables and from what has changed."""
    import json

    from promotion.build.files import write_whole
    from promotion.ci.changes import changed_since
    from promotion.ci.decide import decide as decide_build
    from promotion.ci.request import read_request
    from promotion.config import load_environments, use_case_names

    state: State = ctx.obj
    request = read_request(os.environ)
    changes = changed_since(state.root, request, use_case_names(state.root))
    decision = decide_build(request, changes, load_environments(state.root))
    text = json.dumps(decision.document(), indent=2, sort_keys=True) + "\n"
    write_whole(state.root / out, text.encode("utf-8"))
    state.ui.result(f"{decision.why}: {out}")


@app.command(
    epilog="Examples: promote ci summary build/plans/prod.plan | promote ci summary "
    "build/dev.json build/prod.json --out build/review.md. Exit codes: 0 told, 1 a plan file was "
    "altered or the summary cannot be written, 2 usage or no plan, 4 a gate refuses that "
    "a merge would not settle."
)
def summary(
    ctx: typer.Context,
    plans: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Plan files, or plan --json documents.")
    ],
    *,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Markdown of all plans goes here.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Tell reviewers and approvers what plans do."""
    from promotion.build.files import write_whole
    from promotion.ci.summary import markdown, read_reviewed

    state: State = ctx.obj
    found = [read_reviewed(path) for path in plans]
    if out is not None:
        write_whole(out, markdown(found).encode("utf-8"))
    if as_json:
        state.ui.json({"plans": [_summary(each) for each in found]})
    else:
        for each in found:
            state.ui.result(each.sentence)
    _check(found)


def _summary(reviewed: "Reviewed") -> dict[str, object]:
    return {
        "environment": reviewed.plan.environment,
        "digest": reviewed.digest,
        "has_changes": reviewed.plan.has_changes,
        "sentence": reviewed.sentence,
    }


def _check(found: "list[Reviewed]") -> None:
    from promotion.errors import GateRefused

    refused = [(each, refusal) for each in found for refusal in each.refused_for_good]
    if refused:
        raise GateRefused(
            "gates refuse what a merge would not settle",
            problems=[
                f"{each.plan.environment}: {refusal.gate}: {refusal.message}"
                for each, refusal in refused
            ],
            hint="; ".join(dict.fromkeys(refusal.hint for _, refusal in refused)),
        )


@app.command(
    epilog="Examples: promote ci runs dev | promote ci runs dev --use-case mammography --json. "
    "Exit codes: 0 told, 1 AWS refuses, 2 usage or configuration."
)
def runs(
    ctx: typer.Context,
    environment: Annotated[str, typer.Argument(metavar="ENV", help="Name of the environment.")],
    *,
    use_case: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", envvar="PROMOTE_USE_CASES", help="Only this use case."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """List the pipelines that have to run before a release goes on: what `evidence` asks for."""
    from dataclasses import asdict

    from promotion.aws.session import Accounts
    from promotion.ci.runs import demanded_runs

    state: State = ctx.obj
    found = demanded_runs(state.root, environment, use_case or (), Accounts())
    if as_json:
        state.ui.json({"runs": [asdict(run) for run in found]})
        return
    for run in found:
        state.ui.result(f"{run.use_case} {run.pipeline}")
