"""What the job steps have in common: create the job, wait for it, take its description.

Calls Create…Job and Stop…Job as the pipeline's role; waits on the engine's own job store.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sandbox.pipelines.errors import CAPACITY_ERROR, INTERNAL_ERROR, StepFailure, StepStopped
from sandbox.pipelines.steps import StepOutcome
from sandbox.pipelines.steps._calls import invoke

if TYPE_CHECKING:
    from sandbox.model import Document
    from sandbox.pipelines.execution.context import StepContext

_KINDS = {"InternalServerError": INTERNAL_ERROR, "CapacityError": CAPACITY_ERROR}


def run_job(kind: str, context: StepContext) -> StepOutcome:
    """Run a step that is one job.

    Args:
        kind: Processing, Training or Transform.

    Raises:
        StepFailure: The job could not be created, failed, or was stopped by someone.
        StepStopped: The execution was stopped.
    """
    request = context.resolved(context.step.arguments)
    request[f"{kind}JobName"] = context.job_name
    request["Tags"] = [*(request.get("Tags") or []), *pipeline_tags(context)]
    if kind != "Transform":
        request.setdefault("RoleArn", context.execution.role_arn)
    response = invoke(context, "sagemaker", f"Create{kind}Job", request)
    arn = response[f"{kind}JobArn"]
    context.describe({f"{kind}Job": {"Arn": arn}})
    job = context.services.jobs.by_arn(arn)
    with context.on_stop(partial(_stop, kind, context)):
        job.done.wait()
    return _outcome(context, job.status, job.failure_reason, job.description())


def pipeline_tags(context: StepContext) -> list[Document]:
    """Return the tags that SageMaker puts on what a pipeline creates."""
    return [
        {"Key": "sagemaker:pipeline-execution-arn", "Value": context.execution.arn},
        {"Key": "sagemaker:pipeline-step-name", "Value": context.step.name},
    ]


def _stop(kind: str, context: StepContext) -> None:
    invoke(context, "sagemaker", f"Stop{kind}Job", {f"{kind}JobName": context.job_name})


def _outcome(
    context: StepContext, status: str, failure_reason: str, description: Document
) -> StepOutcome:
    if status == "Completed":
        return StepOutcome(description)
    if context.stop.is_set():
        raise StepStopped
    if status == "Stopped":
        raise StepFailure("ClientError: The job was stopped before it completed")
    head = failure_reason.partition(":")[0]
    raise StepFailure(f"ClientError: {failure_reason}", _KINDS.get(head, ""))
