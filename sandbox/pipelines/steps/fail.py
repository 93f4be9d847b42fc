"""The Fail step: ends the execution with a message.

Calls nothing.
"""

from sandbox.pipelines.errors import StepFailure
from sandbox.pipelines.execution.context import StepContext
from sandbox.pipelines.execution.expressions import text_of
from sandbox.pipelines.steps import StepOutcome, StepType


def run(context: StepContext) -> StepOutcome:
    """Fail with the resolved ErrorMessage."""
    message = text_of(context.resolved(context.step.arguments.get("ErrorMessage") or ""))
    context.describe({"Fail": {"ErrorMessage": message}})
    raise StepFailure(message)


STEP_TYPE = StepType(name="Fail", run=run)
