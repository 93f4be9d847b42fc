"""The status as a table. Pure; `promotion.cli.ui` writes it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from promotion.plan.ownership import short_commit
from promotion.status.model import Drift, PipelineStatus, UseCaseStatus

COLUMNS = (
    "use case",
    "env",
    "pipeline",
    "release",
    "commit",
    "age",
    "drifted",
    "last execution",
    "model",
    "pending",
)
WRAP = frozenset({"drifted", "last execution", "pending"})

_UNITS = (("d", timedelta(days=1)), ("h", timedelta(hours=1)), ("min", timedelta(minutes=1)))


def status_rows(statuses: tuple[UseCaseStatus, ...], now: datetime) -> list[list[str]]:
    """Return a row for each pipeline; use case, environment and model stand on the first.

    Args:
        statuses: what to tell.
        now: aware; what ages are counted to.
    """
    return [row for status in statuses for row in _rows(status, now)]


def _rows(status: UseCaseStatus, now: datetime) -> Iterator[list[str]]:
    serving = f"v{status.model_in_service}" if status.model_in_service else "none"
    pending = ", ".join(f"v{version}" for version in status.pending_approvals) or "none"
    if not status.model_known:
        serving = pending = "?"
    if not status.pipelines:
        place = [status.use_case, status.environment, "?", "cannot be asked"]
        yield [*place, "?", "?", "?", "?", serving, pending]
    for index, pipeline in enumerate(status.pipelines):
        first = index == 0
        yield [
            status.use_case if first else "",
            status.environment if first else "",
            pipeline.key,
            _release(pipeline),
            short_commit(pipeline.git_commit) or "-",
            _age(pipeline, now),
            _drift(pipeline),
            _execution(pipeline),
            serving if first else "",
            pending if first else "",
        ]


def _release(pipeline: PipelineStatus) -> str:
    if not pipeline.deployed:
        return "not deployed"
    return pipeline.release_digest[:12] or "not ours"


def _age(pipeline: PipelineStatus, now: datetime) -> str:
    if pipeline.applied_at is None:
        return "?" if pipeline.deployed else "-"
    passed = now - pipeline.applied_at
    for unit, length in _UNITS:
        if passed >= length:
            return f"{passed // length} {unit}"
    return "0 min"


def _drift(pipeline: PipelineStatus) -> str:
    if pipeline.drift is Drift.EDITED:
        return pipeline.drift.upper()
    return "-" if pipeline.drift is Drift.UNKNOWN else str(pipeline.drift)


def _execution(pipeline: PipelineStatus) -> str:
    if not pipeline.last_execution_status:
        return "-"
    return f"{pipeline.last_execution_status} {_time(pipeline.last_execution_at)}".rstrip()


def _time(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%F %H:%M}" if moment else ""
