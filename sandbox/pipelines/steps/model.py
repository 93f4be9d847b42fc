"""The Model step: creates a SageMaker model.

Calls CreateModel as the pipeline's role.
"""

from sandbox.pipelines.execution.context import StepContext
from sandbox.pipelines.steps import StepOutcome, StepType
from sandbox.pipelines.steps._calls import invoke
from sandbox.pipelines.steps._jobs import pipeline_tags


def run(context: StepContext) -> StepOutcome:
    """Create the model; its properties are the request and the ARN."""
    request = context.resolved(context.step.arguments)
    request["ModelName"] = context.job_name
    tags = [*(request.pop("Tags", None) or []), *pipeline_tags(context)]
    response = invoke(context, "sagemaker", "CreateModel", {**request, "Tags": tags})
    context.describe({"Model": {"Arn": response["ModelArn"]}})
    return StepOutcome({**request, "ModelArn": response["ModelArn"]})


STEP_TYPE = StepType(
    name="Model",
    run=run,
    operation="CreateModel",
    filled_in=("ModelName",),
    described_by="DescribeModel",
)
