"""Whether a deployed pipeline is what was applied. Reads release archives in `build/releases/`."""

from collections.abc import Mapping
from pathlib import Path

from promotion.build import resolve
from promotion.build.release import Release, ResolvedPipeline
from promotion.changes import same
from promotion.config import WorkloadEnvironment
from promotion.errors import BuildError
from promotion.plan.compare import parse_definition
from promotion.plan.model import PipelineState
from promotion.plan.ownership import RELEASE, edited_by_hand, is_ours
from promotion.plan.selection import FOLDER
from promotion.status.model import Drift

Expected = Mapping[tuple[str, str], ResolvedPipeline | None]
"""What a release resolves to, by its digest and the pipeline's name; None where it does not fit."""


def expected_of(
    root: Path,
    environment: WorkloadEnvironment,
    use_case: str,
    deployed: Mapping[str, PipelineState],
) -> Expected:
    """Return what the live releases of a use case resolve to, as far as their archives are here.

    Args:
        root: top folder of the project.
        environment: the environment.
        use_case: name of the use case.
        deployed: its pipelines in the account, by name.

    Raises:
        BuildError: an archive is here and cannot be read.
    """
    live = {name: state.tags.get(RELEASE, "") for name, state in deployed.items()}
    found: dict[tuple[str, str], ResolvedPipeline | None] = {}
    for digest in sorted(set(live.values()) - {""}):
        path = root / FOLDER / f"{use_case}-{digest[:12]}.tar"
        if not path.exists():
            continue
        release = Release.read(path)
        if release.digest != digest:
            continue
        try:
            resolved = resolve(release, environment)
        except BuildError:
            # The environment's file has moved on so far that the release does not fit any more.
            found |= {(digest, name): None for name in live}
        else:
            found |= {(digest, pipeline.name): pipeline for pipeline in resolved.pipelines}
    return found


def drift_of(
    environment: WorkloadEnvironment,
    use_case: str,
    name: str,
    state: PipelineState,
    expected: Expected,
) -> Drift:
    """Return whether a pipeline is what was applied.

    Args:
        environment: the environment.
        use_case: use case of the pipeline.
        name: name of the state.
        state: the pipeline in the account.
        expected: what its release resolves to.
    """
    if not is_ours(state.tags):
        return Drift.UNKNOWN
    if edited_by_hand(
        state.definition_json, state.tags
    ) or state.role_arn != environment.execution_role_arn(use_case):
        return Drift.EDITED
    place = (state.tags[RELEASE], name)
    if place not in expected:
        return Drift.NONE
    wanted = expected[place]
    live = parse_definition(state.definition_json)
    if wanted is None or not same(live, parse_definition(wanted.definition_json)):
        return Drift.UNLIKE_RELEASE
    return Drift.NONE
