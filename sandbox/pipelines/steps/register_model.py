"""The RegisterModel step: creates a model package version, also in another account's group.

Calls CreateModelPackage as the pipeline's role.
"""

from sandbox.pipelines.execution.context import StepContext
from sandbox.pipelines.steps import StepOutcome, StepType
from sandbox.pipelines.steps._calls import invoke


def run(context: StepContext) -> StepOutcome:
    """Create the version; its properties are the request, the ARN and the version's number."""
    request = context.resolved(context.step.arguments)
    # SageMaker notes the execution: see the model package event in its EventBridge page.
    request.setdefault("MetadataProperties", {}).setdefault("GeneratedBy", context.execution.arn)
    response = invoke(context, "sagemaker", "CreateModelPackage", request)
    arn: str = response["ModelPackageArn"]
    context.describe({"RegisterModel": {"Arn": arn}})
    properties = {**request, "ModelPackageArn": arn, "ModelPackageStatus": "Completed"}
    version = arn.rpartition("/")[2]
    if version.isdigit():
        properties["ModelPackageVersion"] = int(version)
    return StepOutcome(properties)


STEP_TYPE = StepType(
    name="RegisterModel",
    run=run,
    operation="CreateModelPackage",
    described_by="DescribeModelPackage",
)
