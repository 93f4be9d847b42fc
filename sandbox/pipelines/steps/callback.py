"""The Callback step: sends a message to a queue and waits for the answer.

Calls sqs SendMessage as the pipeline's role. The answer comes by
SendPipelineExecutionStepSuccess or …Failure with the token of the message. Source:
https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps.html#step-type-callback
"""

import json

from sandbox.model import Document
from sandbox.pipelines.callbacks import Callback
from sandbox.pipelines.errors import StepFailure, StepStopped
from sandbox.pipelines.execution.context import StepContext
from sandbox.pipelines.steps import StepOutcome, StepType
from sandbox.pipelines.steps._calls import invoke
from sandbox.pipelines.steps._outputs import listed, typed


def run(context: StepContext) -> StepOutcome:
    """Send the message, wait, and take the outputs of the answer."""
    queue_url = str(context.resolved(context.step.document["SqsQueueUrl"]))
    callback = context.services.callbacks.open(context.execution.arn)
    metadata: Document = {"CallbackToken": callback.token, "SqsQueueUrl": queue_url}
    context.describe({"Callback": {**metadata, "OutputParameters": []}})
    try:
        body = json.dumps(_message(context, callback))
        invoke(context, "sqs", "SendMessage", {"QueueUrl": queue_url, "MessageBody": body})
        with context.on_stop(callback.done.set):
            callback.done.wait()
    finally:
        context.services.callbacks.close(callback)
    if callback.failure_reason is not None:
        raise StepFailure(callback.failure_reason)
    if callback.answer is None:
        raise StepStopped
    outputs = typed(context.step.outputs, callback.answer)
    context.describe({"Callback": {**metadata, "OutputParameters": listed(outputs)}})
    return StepOutcome({"OutputParameters": outputs})


def _message(context: StepContext, callback: Callback) -> Document:
    return {
        "token": callback.token,
        "pipelineExecutionArn": context.execution.arn,
        "stepName": context.step.name,
        "status": "Executing",
        "arguments": context.resolved(context.step.arguments),
    }


STEP_TYPE = StepType(
    name="Callback",
    run=run,
    required=("SqsQueueUrl",),
    has_outputs=True,
)
