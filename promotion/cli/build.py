"""`promote build`: builds use cases into release archives.

Reads `pipelines/` and git; writes `build/cache/`, and `build/releases/` or where `--out` says.
Calls nothing outside.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from promotion.cli.building import RELEASES
from promotion.cli.settings import SETTINGS

if TYPE_CHECKING:
    from promotion.build import Release
    from promotion.cli.main import State

app = typer.Typer(**SETTINGS)


@app.command(
    epilog="Examples: promote build | promote build mammography --json. "
    "Exit codes: 0 built, 1 a use case cannot be built, 2 a declaration is wrong."
)
def build(
    ctx: typer.Context,
    use_cases: Annotated[
        list[str] | None,
        typer.Argument(metavar="[USE_CASE]...", help="Use cases to build; all without it."),
    ] = None,
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder to write the release archives to.")
    ] = RELEASES,
    cached: Annotated[
        bool,
        typer.Option(
            "--cache/--no-cache", help="Take what an earlier build of the same source gave."
        ),
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Build use cases into releases. Same source, same lock file, same bytes on any machine."""
    from promotion.cli.building import build_use_case

    state: State = ctx.obj
    names = _chosen(state, use_cases or [])
    releases = [build_use_case(state, name, out, cached=cached) for name in names]
    if as_json:
        state.ui.json({"releases": [_summary(release, out) for release in releases]})
        return
    for release in releases:
        state.ui.result(f"{out / release.file_name} {release.digest}")


def _chosen(state: "State", named: list[str]) -> list[str]:
    from promotion.config import use_case_names
    from promotion.errors import ConfigError

    if names := list(dict.fromkeys(named)) or use_case_names(state.root):
        return names
    raise ConfigError(
        f"{state.root} has no use case: no pipelines/*/use_case.toml",
        hint="run in the project's folder, or pass --root",
    )


def _summary(release: "Release", out: Path) -> dict[str, Any]:
    return {
        "use_case": release.use_case,
        "digest": release.digest,
        "path": str(out / release.file_name),
        "git_commit": release.git_commit,
        "dirty": release.dirty,
    }
