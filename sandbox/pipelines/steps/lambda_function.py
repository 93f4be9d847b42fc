"""The Lambda step: invokes a function and takes its outputs.

Calls lambda Invoke as the pipeline's role, in the function's region.
"""

import json
from typing import TYPE_CHECKING

from sandbox.pipelines.errors import StepFailure
from sandbox.pipelines.execution.context import StepContext
from sandbox.pipelines.steps import StepOutcome, StepType
from sandbox.pipelines.steps._calls import invoke
from sandbox.pipelines.steps._outputs import listed, typed

if TYPE_CHECKING:
    from sandbox.model import Document

_ARN_PARTS = 7


def run(context: StepContext) -> StepOutcome:
    """Invoke the function; a function error fails the step with the function's message."""
    arn = str(context.resolved(context.step.document["FunctionArn"]))
    payload = json.dumps(context.resolved(context.step.arguments)).encode()
    context.describe({"Lambda": {"Arn": arn, "OutputParameters": []}})
    parts = arn.split(":")
    region = parts[3] if len(parts) >= _ARN_PARTS else None
    response = invoke(
        context, "lambda", "Invoke", {"FunctionName": arn, "Payload": payload}, region
    )
    result = _result(response["Payload"].read())
    if response.get("FunctionError"):
        raise StepFailure(f"ClientError: {_function_error(arn, result)}")
    declared = context.step.outputs
    outputs = typed(declared, result if isinstance(result, dict) else {})
    context.describe({"Lambda": {"Arn": arn, "OutputParameters": listed(outputs)}})
    return StepOutcome({"OutputParameters": outputs})


def _result(body: bytes) -> object:
    try:
        return json.loads(body or b"null")
    except ValueError:
        return body.decode(errors="replace")


def _function_error(arn: str, result: object) -> str:
    error: Document = result if isinstance(result, dict) else {"errorMessage": result}
    kind = error.get("errorType") or "Unhandled"
    name = arn.rpartition(":")[2]
    return f"The Lambda function {name} returned an error: {kind}: {error.get('errorMessage')}"


STEP_TYPE = StepType(
    name="Lambda",
    run=run,
    required=("FunctionArn",),
    has_outputs=True,
    cacheable=True,
)
