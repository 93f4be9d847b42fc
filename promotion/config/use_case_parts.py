"""What an environment file says about a use case. Reads, writes and calls nothing.

Descriptions go where those of `promotion.config.parts` go.
"""

from collections.abc import Mapping
from typing import Annotated

from pydantic import (
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from promotion.config.fields import (
    MetricName,
    ModelPackageGroupName,
    ParameterName,
    PipelineKey,
    PipelineName,
    ScheduleExpression,
)
from promotion.config.parts import Part


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
    drifted_batches: Annotated[
        int,
        Field(description="How many of the last batches must have drifted.", ge=1, le=20),
    ] = 1
    of_batches: Annotated[
        int,
        Field(description="How many of the last batches are looked at; 1: this one.", ge=1, le=20),
    ] = 1

    @model_validator(mode="after")
    def _no_more_than_are_looked_at(self) -> "Retrain":
        if self.drifted_batches > self.of_batches:
            raise PydanticCustomError(
                "drifted_batches", "drifted_batches must be at most of_batches"
            )
        return self


class RegisteredUseCase(Part):
    """A use case as the registry knows it."""

    model_package_group: Annotated[
        ModelPackageGroupName,
        Field(description="Model package group in the registry account; all files agree."),
    ]


class Approval(Part):
    """What a model version must show before it may serve."""

    minimum: Annotated[
        Mapping[MetricName, float],
        Field(description="Least value of each metric of evaluation.json that has a bound."),
    ] = {}
    maximum: Annotated[
        Mapping[MetricName, float],
        Field(description="Greatest value of each metric of evaluation.json that has a bound."),
    ] = {}
    margin: Annotated[
        float,
        Field(
            description="ROC AUC that a version may be worse than the one in service, on the same "
            "rows: the lower end of the difference's interval may not be below minus this.",
            ge=0,
            le=1,
        ),
    ] = 0.05
    reopen: Annotated[
        bool,
        Field(
            description="Whether an approval that the checks refuse, made by other means than "
            "`promote`, is put back to pending; else it is only told."
        ),
    ] = False


class GovernedUseCase(RegisteredUseCase):
    """A use case as the registry's file has it."""

    approval: Annotated[
        Approval, Field(description="What a model version must show before it may serve.")
    ] = Approval()


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
    start_on_approval: Annotated[
        PipelineKey | None,
        Field(
            description="Key of the pipeline that is started when a version of the group is "
            "approved; none without it."
        ),
    ] = None
