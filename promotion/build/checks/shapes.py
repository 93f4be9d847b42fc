"""The request and response shapes of the API calls behind steps, from botocore's own data."""

from dataclasses import dataclass
from functools import cache
from typing import Any


@dataclass(frozen=True)
class StepApi:
    """The API behind a step type.

    Attributes:
        operation: call whose request a step's Arguments are.
        named_by_service: required members that SageMaker Pipelines fills in.
        describe: call whose response a step's properties are, or None.
    """

    operation: str
    named_by_service: frozenset[str]
    describe: str | None


def _api(operation: str, name: str, describe: str | None) -> StepApi:
    return StepApi(operation, frozenset({name}), describe)


# https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-properties.html
STEP_APIS = {
    "Processing": _api("CreateProcessingJob", "ProcessingJobName", "DescribeProcessingJob"),
    "Training": _api("CreateTrainingJob", "TrainingJobName", "DescribeTrainingJob"),
    "Transform": _api("CreateTransformJob", "TransformJobName", "DescribeTransformJob"),
    "Tuning": _api(
        "CreateHyperParameterTuningJob",
        "HyperParameterTuningJobName",
        None,  # its properties also have TopK training jobs that no response has
    ),
    "Model": _api("CreateModel", "ModelName", "DescribeModel"),
    "RegisterModel": _api("CreateModelPackage", "ModelPackageName", "DescribeModelPackage"),
    "QualityCheck": _api("CreateProcessingJob", "ProcessingJobName", None),
    "ClarifyCheck": _api("CreateProcessingJob", "ProcessingJobName", None),
    "EndpointConfig": _api("CreateEndpointConfig", "EndpointConfigName", None),
    "Endpoint": _api("CreateEndpoint", "EndpointName", None),
}


@cache
def sagemaker_model() -> Any:
    """Return botocore's model of SageMaker (about 0.2 s the first time)."""
    import botocore.session

    return botocore.session.Session().get_service_model("sagemaker")


def request_shape(step_type: str) -> Any:
    """Return the shape of a step type's Arguments, or None when they are no API request."""
    api = STEP_APIS.get(step_type)
    return sagemaker_model().operation_model(api.operation).input_shape if api else None


def properties_shape(step_type: str) -> Any:
    """Return the shape of a step type's properties, or None when it is not known."""
    api = STEP_APIS.get(step_type)
    if api is None or api.describe is None:
        return None
    return sagemaker_model().operation_model(api.describe).output_shape
