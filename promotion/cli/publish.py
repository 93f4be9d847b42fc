"""`promote publish`: signs built releases and stores them, each once.

Reads `build/releases/`, `pipelines/` and git; calls AWS as `promotion.releases.publish` says.
"""

from typing import TYPE_CHECKING, Annotated

import typer

from promotion.cli.settings import SETTINGS

if TYPE_CHECKING:
    from promotion.cli.main import State
    from promotion.releases.publish import Published

app = typer.Typer(**SETTINGS)


@app.command(
    epilog="Examples: promote publish | promote publish mammography | promote publish --release "
    "build/releases/x.tar. Exit codes: 0 published, also when it was already, 1 not published: "
    "changes are not committed, another archive is there, or AWS refuses, 2 usage or configuration."
)
def publish(
    ctx: typer.Context,
    use_cases: Annotated[
        list[str] | None,
        typer.Argument(metavar="[USE_CASE]...", help="Use cases; all without it."),
    ] = None,
    release: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PATH|DIGEST",
            help="Release to publish; without it the last built of each use case.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Sign built releases and store them, each once. Acts under the build role."""
    state: State = ctx.obj
    found = _published(state, use_cases or [], release or [])
    if as_json:
        state.ui.json({"releases": [_summary(each) for each in found]})
        return
    for each in found:
        told = "published" if each.is_new else "is published already"
        state.ui.result(f"{each.release.use_case} {each.release.digest[:12]} {told}: {each.uri}")


def _published(state: "State", use_cases: list[str], named: list[str]) -> "tuple[Published, ...]":
    from promotion.aws.session import Accounts
    from promotion.config import use_case_names
    from promotion.errors import ConfigError
    from promotion.plan.selection import built_releases
    from promotion.releases.publish import publish as publish_releases

    if named and use_cases:
        raise ConfigError("name use cases or releases, not both")
    wanted = use_cases or ([] if named else use_case_names(state.root))
    selected = built_releases(state.root, named, wanted)
    return publish_releases(
        state.root,
        [each.release for each in selected],
        accounts=Accounts(),
        say=state.ui.progress,
    )


def _summary(published: "Published") -> dict[str, object]:
    return {
        "use_case": published.release.use_case,
        "digest": published.release.digest,
        "git_commit": published.release.git_commit,
        "uri": published.uri,
        "is_new": published.is_new,
    }
