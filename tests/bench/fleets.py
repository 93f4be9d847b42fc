"""Fleets of ten to a thousand pipelines: plan, throttled plan, and apply of ten changes.

Writes projects to a temporary folder and serves their accounts, one after the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from account import DEV, account, variables
from fleet import PURPOSES, change_use_case, write_fleet
from mammography import DIFFERENCES, promote
from measure import Usage, measure, median

from promotion.aws.objects import Objects
from promotion.aws.pipelines import Pipelines
from promotion.build import Release, resolve
from promotion.config import load_workload
from promotion.plan.compare import desired_state

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Sequence
    from pathlib import Path

    from sandbox.server import Sandbox

SIZES = (10, 100, 1000)
RUNS = 3
CHANGED = 5
EVERY = 5
PLAN = ("plan", "dev", "--no-terraform")


@dataclass(frozen=True)
class Found:
    """What a fleet took.

    Attributes:
        pipelines: how many it has.
        plan: plan with nothing changed, medians.
        reads: SageMaker's reads of one such plan.
        throttled: the same plan with one call in five throttled, medians.
        apply: apply of a plan in which the pipelines of five use cases are changed.
        updates: UpdatePipeline calls of that apply.
    """

    pipelines: int
    plan: Usage
    reads: Counter[str]
    throttled: Usage
    apply: Usage
    updates: int


def run(folder: Path, pipelines: int) -> Found:
    """Build, apply, plan and change a fleet in a project that is written to the folder."""
    names = write_fleet(folder, pipelines // len(PURPOSES))
    apply = promote("apply", "build/plans/dev.plan", "--yes")
    changing = promote(*PLAN, exit_code=DIFFERENCES)
    with account(folder) as (sandbox, watch):
        environment = variables(sandbox)
        measure([promote("build")], folder, environment)
        _deploy(folder, sandbox)
        plans, throttled = [], []
        for _ in range(RUNS):
            watch.start(EVERY)
            throttled.append(measure([promote(*PLAN)], folder, environment))
            watch.start()
            plans.append(measure([promote(*PLAN)], folder, environment))
        reads = watch.answered
        watch.start()
        for name in names[:CHANGED]:
            change_use_case(folder, name, depth=2)
        measure([promote("build", *names[:CHANGED]), changing], folder, environment)
        watch.start()
        applied = measure([apply], folder, environment)
        updates = watch.answered["UpdatePipeline"]
    return Found(pipelines, median(plans), reads, median(throttled), applied, updates)


def _deploy(folder: Path, sandbox: Sandbox) -> None:
    """Write what was built as an apply writes it; a first plan that finds nothing to do proves it.

    An apply would tell the ledger of each release, by a function that the sandbox starts anew each
    time: minutes for a fleet, of which nothing is measured.
    """
    pipelines = Pipelines(sandbox.client("sagemaker", "dev-admin"), DEV)
    objects = Objects(sandbox.client("s3", "dev-admin"), DEV)
    environment = load_workload(folder, "dev")
    for path in (folder / "build" / "releases").glob("*.tar"):
        release = resolve(Release.read(path), environment)
        for pipeline in release.pipelines:
            state = desired_state(release, pipeline)
            pipelines.create(
                pipeline.name,
                state.definition_json,
                state.role_arn,
                state.tags,
                state.description,
            )
        for item in release.code_objects:
            objects.put_new(item.bucket, item.key, release.code[item.path])


def lines(found: Sequence[Found]) -> list[str]:
    """Return the page's table."""
    return [
        "| pipelines | plan, s | ms a pipeline | peak, MB | reads: list, describe, other "
        "| plan throttled, s | times | apply of ten changed, s | updates |",
        "|---|---|---|---|---|---|---|---|---|",
        *map(_row, found),
    ]


def _row(found: Found) -> str:
    listed, described = found.reads["ListPipelines"], found.reads["DescribePipeline"]
    other = found.reads.total() - listed - described
    return (
        f"| {found.pipelines} | {found.plan.seconds:.2f} "
        f"| {found.plan.seconds / found.pipelines * 1000:.1f} | {found.plan.megabytes:.0f} "
        f"| {listed}, {described}, {other} | {found.throttled.seconds:.2f} "
        f"| {found.throttled.seconds / found.plan.seconds:.1f} | {found.apply.seconds:.2f} "
        f"| {found.updates} |"
    )
