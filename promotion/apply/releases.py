"""Refusals that concern the releases in a plan file: what is applied has to be what was proved.

Reads the plan file and what is known of releases (see `promotion.releases.records`).
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from promotion.build import resolve
from promotion.build.release import Release
from promotion.config import Environment, WorkloadEnvironment
from promotion.errors import GateRefused, ProvenanceError
from promotion.plan import archive
from promotion.plan.archive import PlanFile
from promotion.plan.compare import desired_state
from promotion.plan.gates import provenance, release_withdrawn
from promotion.plan.model import Action, Plan
from promotion.releases.records import ReleaseRecords

_WRITTEN = (Action.CREATE, Action.UPDATE)
Packed = tuple[Release, bytes]
"""A release and its archive."""


def packed_releases(file: PlanFile) -> tuple[Packed, ...]:
    """Return the releases in a plan file, each verified against its own digests.

    Raises:
        BuildError: an archive is altered or no release.
    """
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for name, content in file.under(archive.RELEASES).items():
            path = Path(folder) / Path(name).name
            path.write_bytes(content)
            found.append((Release.read(path), content))
    return tuple(found)


def check_releases(
    plan: Plan, environment: Environment, packed: Sequence[Packed], records: ReleaseRecords
) -> None:
    """Refuse releases that are not proved or were withdrawn, and pipelines that are not of them.

    The gates asked the same when the plan was made; a plan may be old, and its text is no proof.

    Raises:
        GateRefused: a release or a pipeline does not hold; names each.
        RemoteError: store, key or ledger cannot be read.
    """
    if not isinstance(environment, WorkloadEnvironment) or not plan.promoted:
        return
    overridden = {result.gate for result in plan.overridden}
    proved = environment.promotion.require_provenance and provenance.GATE not in overridden
    problems = [
        *_missing(plan, packed),
        *_foreign(plan, environment, packed),
        *(_unproven(plan, packed, records) if proved else ()),
        *_withdrawn(plan, records),
    ]
    if problems:
        raise GateRefused(
            f"the releases in the plan for {plan.environment} do not hold",
            problems=problems,
            hint=f"nothing was applied; make a new plan: promote plan {plan.environment}",
        )


def _missing(plan: Plan, packed: Sequence[Packed]) -> list[str]:
    there = {(release.use_case, release.digest) for release, _ in packed}
    return [
        f"{told.use_case}: release {told.digest[:12]} is not in the plan file"
        for told in plan.promoted
        if (told.use_case, told.digest) not in there
    ]


def _foreign(plan: Plan, environment: WorkloadEnvironment, packed: Sequence[Packed]) -> list[str]:
    """Return the pipelines that would be written otherwise than their releases say."""
    resolved = [resolve(release, environment) for release, _ in packed]
    stated = {
        pipeline.name: desired_state(release, pipeline)
        for release in resolved
        for pipeline in release.pipelines
    }
    return [
        f"{change.name} would be written otherwise than its release says"
        for change in plan.pipelines
        if change.action in _WRITTEN and change.desired != stated.get(change.name)
    ]


def _unproven(plan: Plan, packed: Sequence[Packed], records: ReleaseRecords) -> list[str]:
    bodies = {release.digest: body for release, body in packed}
    problems = []
    for told in plan.promoted:
        try:
            if told.digest in bodies:
                records.provenance(told.use_case, told.digest, bodies[told.digest])
        except ProvenanceError as error:
            problems.append(f"{provenance.GATE}: {error.message}")
    return problems


def _withdrawn(plan: Plan, records: ReleaseRecords) -> list[str]:
    return [
        f"{release_withdrawn.GATE}: {told.use_case} {told.digest[:12]} was withdrawn by "
        f"{found.actor}: {found.reason}"
        for told in plan.promoted
        if (found := records.withdrawal(told.use_case, told.digest))
    ]
