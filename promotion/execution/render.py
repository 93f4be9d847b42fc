"""Steps of an execution as lines. Pure; `promotion.cli.ui` writes them."""

from datetime import datetime

from promotion.aws.executions import StepState
from promotion.plan.render_changes import Line

_MARKS = {
    "Succeeded": ("✓", "green"),
    "Failed": ("✗", "bold red"),
    "Stopped": ("■", "yellow"),
    "Stopping": ("■", "yellow"),
    "Starting": ("·", "cyan"),
    "Executing": ("▸", "cyan"),
}


def render_step(step: StepState, now: datetime | None = None) -> Line:
    """Return a step as one line.

    Args:
        step: the step.
        now: the present, for the duration of a step that has not ended; None leaves it out.
    """
    mark, style = _MARKS.get(step.status, ("?", "yellow"))
    end = step.ended_at or now
    seconds = f" {(end - step.started_at).total_seconds():.1f} s" if end and step.started_at else ""
    outcome = f" → {step.outcome}" if step.outcome else ""
    reason = f": {step.failure_reason}" if step.failure_reason else ""
    return Line(f"{mark} {step.name} {step.status}{outcome}{seconds}{reason}", style)


def changed_steps(
    before: tuple[StepState, ...], after: tuple[StepState, ...]
) -> tuple[StepState, ...]:
    """Return the steps whose status is not what it was."""
    known = {step.name: step.status for step in before}
    return tuple(step for step in after if known.get(step.name) != step.status)
