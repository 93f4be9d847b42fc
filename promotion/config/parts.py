"""The nested parts of an environment file. Reads, writes and calls nothing.

Each field's description is the text of `environments/schema.json` and of
`docs/reference/environment.md`, which `python -m promotion.config.reference` writes.
"""

from collections.abc import Mapping
from typing import Annotated

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic_core import PydanticCustomError

from promotion.config.fields import (
    BucketName,
    Email,
    Filled,
    ModelPackageGroupName,
    ParameterName,
    PipelineKey,
    PipelineName,
    RoleName,
    ScheduleExpression,
    TopicName,
)


def _one_problem(value: object, handler: ValidatorFunctionWrapHandler) -> object:
    try:
        return handler(value)
    except ValidationError:
        # A union reports a problem for each of its members.
        message = "is neither text nor a number nor true or false"
        raise PydanticCustomError("parameter_value", message) from None


ParameterValue = Annotated[
    StrictBool | StrictInt | StrictFloat | StrictStr, WrapValidator(_one_problem)
]


class Part(BaseModel):
    """Base of everything in an environment file: frozen, strict, no unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class StateBucket(Part):
    """Buckets of the tooling account."""

    state: Annotated[BucketName, Field(description="Bucket of this account's Terraform state.")]


class RegistryBuckets(StateBucket):
    """Buckets of the registry account."""

    artifacts: Annotated[
        BucketName,
        Field(description="Bucket of model artifacts, in the registry account; all files agree."),
    ]


class WorkloadBuckets(RegistryBuckets):
    """Buckets that a workload account uses."""

    data: Annotated[
        BucketName,
        Field(description="Bucket of this account's data, batches, predictions and step code."),
    ]


class Roles(Part):
    """Names of the IAM roles; the same in every file."""

    jenkins: Annotated[
        RoleName, Field(description="Role of Jenkins, in the tooling account.", max_length=64)
    ]
    deploy: Annotated[
        RoleName,
        Field(description="Role in every account that Jenkins assumes to plan and to apply."),
    ]
    execution: Annotated[
        RoleName,
        Field(
            description="Role of SageMaker pipelines and jobs; the use case's name is appended, "
            "one role for each.",
            max_length=32,
        ),
    ]
    lambda_: Annotated[
        RoleName,
        Field(
            alias="lambda",
            description="Role of the Lambda functions; the function's name is appended, one role "
            "for each.",
            max_length=50,
        ),
    ]
    events: Annotated[RoleName, Field(description="Role with which EventBridge starts pipelines.")]
    approver: Annotated[
        RoleName,
        Field(description="Role in the registry account that approves and rejects models."),
    ]


class Alerts(Part):
    """Where failures are told."""

    topic: Annotated[TopicName, Field(description="Name of this account's SNS topic for alerts.")]
    emails: Annotated[
        tuple[Email, ...],
        Filled,
        Field(
            description="E-mail addresses subscribed to the topic.",
            json_schema_extra={"minItems": 1},
        ),
    ]


class Schedule(Part):
    """When a pipeline runs by itself."""

    pipeline: Annotated[PipelineKey, Field(description="Key of the pipeline that is started.")]
    expression: Annotated[
        ScheduleExpression,
        Field(description="EventBridge schedule in UTC: cron(...) with six fields, or rate(...)."),
    ]


class Retrain(Part):
    """What data drift starts."""

    pipeline: Annotated[PipelineKey, Field(description="Key of the pipeline that drift starts.")]
    cooldown_minutes: Annotated[
        int,
        Field(
            description="Minutes after the start of an execution in which drift starts no other.",
            ge=0,
            le=43_200,
        ),
    ]


class RegisteredUseCase(Part):
    """A use case as the registry knows it."""

    model_package_group: Annotated[
        ModelPackageGroupName,
        Field(description="Model package group in the registry account; all files agree."),
    ]


class DeployedUseCase(RegisteredUseCase):
    """A use case as a workload account runs it."""

    pipelines: Annotated[
        Mapping[PipelineKey, PipelineName],
        Field(
            description="SageMaker pipeline name of each pipeline that use_case.toml declares.",
            min_length=1,
        ),
    ]
    parameters: Annotated[
        Mapping[PipelineKey, Mapping[ParameterName, ParameterValue]],
        Field(description="Default values of pipeline parameters that differ here, by pipeline."),
    ] = {}
    schedule: Annotated[
        Schedule | None, Field(description="Pipeline that runs by itself, and when.")
    ] = None
    retrain: Annotated[
        Retrain | None, Field(description="Pipeline that data drift starts; none without it.")
    ] = None
