"""Follows an execution to its end.

Calls SageMaker DescribePipelineExecution and ListPipelineExecutionSteps again and again.
"""

from collections.abc import Callable
from typing import Protocol

from promotion.aws.executions import ExecutionState, StepState
from promotion.errors import PromotionError, RemoteError

FINAL = frozenset({"Succeeded", "Failed", "Stopped"})

# Steps of seconds are seen at once, and a training run of hours costs few calls.
_FIRST_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 15.0
_GROWTH = 1.25

# CloudWatch log groups of jobs by the resource type in their ARN.
# https://docs.aws.amazon.com/sagemaker/latest/dg/logging-cloudwatch.html
_LOG_GROUPS = {
    "processing-job": "/aws/sagemaker/ProcessingJobs",
    "training-job": "/aws/sagemaker/TrainingJobs",
    "transform-job": "/aws/sagemaker/TransformJobs",
}


class ReadsExecutions(Protocol):
    """What following needs of the gateway."""

    def describe(self, execution_arn: str) -> ExecutionState:
        """Return how an execution stands."""

    def steps(self, execution_arn: str) -> tuple[StepState, ...]:
        """Return the steps that have started."""


class ExecutionFailed(RemoteError):
    """The execution ended, and not well."""


class FollowInterrupted(PromotionError):
    """The user stopped following; the execution goes on."""

    exit_code = 130


Observer = Callable[[tuple[StepState, ...]], None]


def follow(
    executions: ReadsExecutions,
    execution_arn: str,
    *,
    observe: Observer,
    sleep: Callable[[float], None],
) -> ExecutionState:
    """Return the final state of an execution, which may be a failure.

    Args:
        executions: reads the execution.
        execution_arn: which one.
        observe: gets all steps after every look.
        sleep: waits for seconds.

    Raises:
        FollowInterrupted: Ctrl-C; the execution was left running.
        RemoteError: AWS cannot be asked; the execution was left running.
    """
    pause = _FIRST_PAUSE_SECONDS
    try:
        while True:
            state = executions.describe(execution_arn)
            observe(executions.steps(execution_arn))
            if state.status in FINAL:
                return state
            sleep(pause)
            pause = min(pause * _GROWTH, _LONGEST_PAUSE_SECONDS)
    except KeyboardInterrupt as error:
        raise FollowInterrupted(
            f"no longer following; the execution goes on: {execution_arn}",
            hint="promote status shows how it ends; aws sagemaker "
            f"list-pipeline-execution-steps --pipeline-execution-arn {execution_arn}",
        ) from error


def check_succeeded(state: ExecutionState, steps: tuple[StepState, ...]) -> None:
    """Raise unless an execution succeeded.

    Args:
        state: its final state.
        steps: its steps.

    Raises:
        ExecutionFailed: it failed or was stopped; names the failing steps, their reasons, and
            where to look.
    """
    if state.status == "Succeeded":
        return
    failed = [step for step in steps if step.status == "Failed"]
    problems = [f"{step.name}: {step.failure_reason or 'no reason given'}" for step in failed]
    places = [place for step in failed if (place := where_to_look(step))]
    raise ExecutionFailed(
        f"the execution ended as {state.status}: {state.arn}",
        operation="sagemaker.StartPipelineExecution",
        resource=state.arn,
        problems=problems or ([state.failure_reason] if state.failure_reason else []),
        hint="; ".join(places) or None,
    )


def where_to_look(step: StepState) -> str:
    """Return the command that shows a step's log, or an empty text for a step without one."""
    parts = step.resource_arn.split(":", 5)
    if len(parts) < 6:  # noqa: PLR2004 - an ARN has six parts
        return ""
    kind, _, name = parts[5].replace("function:", "function/").partition("/")
    if kind == "function":
        return f"log of {step.name}: aws logs tail /aws/lambda/{name.partition(':')[0]}"
    group = _LOG_GROUPS.get(kind)
    return (
        f"log of {step.name}: aws logs tail {group} --log-stream-name-prefix {name}"
        if group
        else ""
    )
