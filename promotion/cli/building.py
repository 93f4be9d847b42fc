"""What the commands that build have in common: build a use case, and say what it is built from.

Reads `pipelines/` and git; writes `build/cache/` and the release.
"""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from promotion.build import Release
    from promotion.cli.main import State
    from promotion.plan.stage import PlanRequest

RELEASES = Path("build/releases")
CACHE = Path("build/cache")


def build_use_case(state: "State", name: str, out: Path, *, cached: bool) -> "Release":
    """Build a use case into a folder, and warn of what is not committed.

    Raises:
        ConfigError: there is no such use case, or its declaration is wrong.
        BuildError: it cannot be built.
    """
    from promotion.build import Cache, build

    cache = Cache(state.root / CACHE, state.root) if cached else None
    with state.ui.working(f"building {name}"):
        release = build(state.root, name, state.root / out, cache)
    if release.dirty:
        state.ui.warning(f"{name}: pipelines/{name} has changes that are not committed")
    return release


def build_for(state: "State", request: "PlanRequest") -> "PlanRequest":
    """Build the use cases that a plan is about, and return the plan of what was built.

    What was built of the same source is not run again.

    Raises:
        ConfigError: the plan names releases, or plans no pipelines, or an environment without any.
        BuildError: a use case cannot be built.
    """
    from promotion.config import load_workload
    from promotion.errors import ConfigError

    if request.releases or not request.with_pipelines:
        raise ConfigError(
            "--build builds what the sources are now: it goes with neither --release nor "
            "--no-pipelines"
        )
    names = request.use_cases or sorted(load_workload(request.root, request.environment).use_cases)
    built = [build_use_case(state, name, RELEASES, cached=True) for name in names]
    folder = request.root / RELEASES
    return replace(request, built={folder / release.file_name: release for release in built})
