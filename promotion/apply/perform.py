"""Carries out a plan's actions in order, and takes pipelines back when one of them fails.

Calls only its executor.
"""

from collections.abc import Callable, Sequence
from typing import ClassVar

from promotion.apply.executor import Executor
from promotion.errors import PromotionError, RemoteError
from promotion.plan.actions import (
    ApplyTerraform,
    DeletePipeline,
    PipelineAction,
    PlannedAction,
    UploadCode,
)


class ApplyFailed(RemoteError):
    """An apply ended half-way; `problems` say what state every part is in."""


class ApplyInterrupted(ApplyFailed):
    """An apply was interrupted; `problems` say what state every part is in."""

    exit_code: ClassVar[int] = 130


def perform(
    actions: Sequence[PlannedAction], executor: Executor, *, say: Callable[[str], None]
) -> int:
    """Carry out the actions and return how many there were.

    Args:
        actions: what to do, in order.
        executor: does it.
        say: writes one line of progress.

    Raises:
        ApplyFailed: an action failed; pipelines were brought back to what they were.
    """
    begun: list[PlannedAction] = []
    for action in actions:
        begun.append(action)
        try:
            _carry_out(action, executor)
        except (PromotionError, KeyboardInterrupt) as error:
            raise _take_back(begun, actions, executor, error) from error
        say(f"done: {action}")
    return len(actions)


def _carry_out(action: PlannedAction, executor: Executor) -> None:
    if isinstance(action, UploadCode):
        executor.upload(action)
    elif isinstance(action, ApplyTerraform):
        executor.apply_terraform(action)
    elif isinstance(action, DeletePipeline):
        executor.delete(action)
    else:
        executor.write(action)


def _take_back(
    begun: Sequence[PlannedAction],
    actions: Sequence[PlannedAction],
    executor: Executor,
    error: PromotionError | KeyboardInterrupt,
) -> ApplyFailed:
    """Restore the pipelines that were begun, the last first, and return the report as an error.

    The one that failed is among them: AWS may have written it although no answer came.
    """
    failed = begun[-1]
    report: list[str] = []
    whole = True
    for action in reversed(begun):
        if isinstance(action, PipelineAction):
            try:
                report.append(executor.restore(action.change.name, action.change.former))
            except PromotionError as second:
                whole = False
                report.append(f"{action.change.name}: NOT restored: {second.message}")
    report += [_remains(action, action is failed) for action in begun if _is_kept(action)]
    report += [f"not begun: {action}" for action in actions[len(begun) :]]
    told = error.message if isinstance(error, PromotionError) else "interrupted"
    hint = error.hint if isinstance(error, PromotionError) else None
    repair = "plan and apply again" if whole else "plan and apply again, which repairs the rest"
    kind = ApplyFailed if isinstance(error, PromotionError) else ApplyInterrupted
    return kind(
        f"the apply failed at: {failed}: {told}",
        problems=[*_causes(error), *report],
        hint=f"{hint}; then {repair}" if hint else repair,
    )


def _causes(error: BaseException) -> tuple[str, ...]:
    return error.problems if isinstance(error, PromotionError) else ()


def _is_kept(action: PlannedAction) -> bool:
    return not isinstance(action, PipelineAction)


def _remains(action: PlannedAction, failed: bool) -> str:
    if isinstance(action, ApplyTerraform):
        state = "applied in part, see its log" if failed else "stays applied"
        return f"terraform {action.environment}: {state}"
    return f"{action}: " + ("failed" if failed else "stays, it is never overwritten")
