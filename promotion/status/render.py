"""The status as a table. Pure; `promotion.cli.ui` writes it."""

from collections.abc import Iterator
from datetime import UTC, datetime

from promotion.plan.ownership import short_commit
from promotion.status.model import PipelineStatus, UseCaseStatus

COLUMNS = (
    "use case",
    "env",
    "pipeline",
    "release",
    "commit",
    "applied",
    "last execution",
    "model",
    "pending",
)
WRAP = frozenset({"last execution", "pending"})


def status_rows(statuses: tuple[UseCaseStatus, ...]) -> list[list[str]]:
    """Return a row for each pipeline; use case, environment and model stand on the first."""
    return [row for status in statuses for row in _rows(status)]


def _rows(status: UseCaseStatus) -> Iterator[list[str]]:
    serving = f"v{status.model_in_service}" if status.model_in_service else "none"
    pending = ", ".join(f"v{version}" for version in status.pending_approvals) or "none"
    if status.problems:
        serving = pending = "?"
    if not status.pipelines:
        yield [status.use_case, status.environment, "?", "?", "?", "?", "?", serving, pending]
    for index, pipeline in enumerate(status.pipelines):
        first = index == 0
        yield [
            status.use_case if first else "",
            status.environment if first else "",
            pipeline.key,
            _release(pipeline),
            short_commit(pipeline.git_commit) or "-",
            f"{pipeline.last_modified_at.astimezone(UTC):%F}" if pipeline.last_modified_at else "-",
            _execution(pipeline),
            serving if first else "",
            pending if first else "",
        ]


def _release(pipeline: PipelineStatus) -> str:
    if not pipeline.deployed:
        return "not deployed"
    digest = pipeline.release_digest[:12] or "not ours"
    return f"{digest} EDITED BY HAND" if pipeline.edited_by_hand else digest


def _execution(pipeline: PipelineStatus) -> str:
    if not pipeline.last_execution_status:
        return "-"
    return f"{pipeline.last_execution_status} {_time(pipeline.last_execution_at)}".rstrip()


def _time(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%F %H:%M}" if moment else ""
