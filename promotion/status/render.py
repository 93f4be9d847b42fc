"""The status as a table. Pure; `promotion.cli.ui` writes it."""

from datetime import UTC, datetime

from promotion.status.model import PipelineStatus, UseCaseStatus

COLUMNS = (
    "use case",
    "environment",
    "release",
    "commit",
    "pipeline",
    "modified (UTC)",
    "last execution",
    "model",
    "pending",
)


def status_rows(statuses: tuple[UseCaseStatus, ...]) -> list[list[str]]:
    """Return a row for each use case and environment; several pipelines share its lines."""
    return [_row(status) for status in statuses]


def _row(status: UseCaseStatus) -> list[str]:
    pipelines = status.pipelines
    serving = f"v{status.model_in_service}" if status.model_in_service else "none"
    pending = ", ".join(f"v{version}" for version in status.pending_approvals) or "none"
    if status.problems:
        serving = pending = "?"
    return [
        status.use_case,
        status.environment,
        "\n".join(_release(pipeline) for pipeline in pipelines) or "?",
        "\n".join(pipeline.git_commit[:7] or "-" for pipeline in pipelines) or "?",
        "\n".join(pipeline.key for pipeline in pipelines) or "?",
        "\n".join(_time(pipeline.last_modified_at) for pipeline in pipelines) or "?",
        "\n".join(_execution(pipeline) for pipeline in pipelines) or "?",
        serving,
        pending,
    ]


def _release(pipeline: PipelineStatus) -> str:
    if not pipeline.deployed:
        return "not deployed"
    digest = pipeline.release_digest[:12] or "not ours"
    return f"{digest} EDITED BY HAND" if pipeline.edited_by_hand else digest


def _execution(pipeline: PipelineStatus) -> str:
    if not pipeline.last_execution_status:
        return "-"
    return f"{pipeline.last_execution_status} {_time(pipeline.last_execution_at)}"


def _time(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}" if moment else "-"
