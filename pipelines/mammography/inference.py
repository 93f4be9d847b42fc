"""Definition of the inference pipeline: one batch to predictions, or to a drift event.

Builds SageMaker SDK objects in memory; `pipeline()` takes nothing and returns an object with
`.definition()`. No environment value stands here: tokens (`${...}`) are filled in when the
release is resolved for an environment.

    ResolveModel --> CheckDrift -> HasWarnings -> EmitWarning
    ResolveBatch -/            \\-> IsDrifted -> EmitDrift -> DataDriftDetected
                                            \\-> PrepareBatch -> Transform -> PublishPredictions
                                             \\-> CreateModel -/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sagemaker.core.workflow.conditions import ConditionEquals
from sagemaker.core.workflow.execution_variables import ExecutionVariables
from sagemaker.core.workflow.functions import Join, JsonGet
from sagemaker.core.workflow.parameters import (
    Parameter,
    ParameterFloat,
    ParameterInteger,
    ParameterString,
)
from sagemaker.core.workflow.pipeline_context import PipelineSession
from sagemaker.core.workflow.properties import PropertyFile
from sagemaker.mlops.workflow.condition_step import ConditionStep
from sagemaker.mlops.workflow.fail_step import FailStep
from sagemaker.mlops.workflow.pipeline import Pipeline
from sagemaker.mlops.workflow.steps import ProcessingStep, Step, StepTypeEnum

from pipelines.mammography.definition import (
    DATA_PREFIX,
    ENGINE,
    Compute,
    RequestStep,
    Sink,
    Source,
    lambda_step,
    output_file_uri,
    output_uri,
    result,
    run_path,
    script_step,
)
from pipelines.mammography.settings import FEATURES, ID, MAXIMUM_REJECTED_FRACTION

if TYPE_CHECKING:
    from sagemaker.mlops.workflow.lambda_step import LambdaStep

# An object is taken as it is; a prefix is completed with BatchDate.
BATCH_URI = ParameterString(
    "BatchUri", default_value="s3://${env.data_bucket}/${use_case.name}/batches/"
)
# A date, an ISO timestamp (a schedule passes the event's `$.time`) or "latest".
BATCH_DATE = ParameterString("BatchDate", default_value="latest")
PROCESSING_INSTANCE_TYPE = ParameterString("ProcessingInstanceType", default_value="ml.m5.large")
PROCESSING_INSTANCE_COUNT = ParameterInteger("ProcessingInstanceCount", default_value=1)
TRANSFORM_INSTANCE_TYPE = ParameterString("TransformInstanceType", default_value="ml.m5.large")
TRANSFORM_INSTANCE_COUNT = ParameterInteger("TransformInstanceCount", default_value=1)
THRESHOLD = ParameterFloat("Threshold", default_value=0.5)
PARAMETERS: list[Parameter] = [
    BATCH_URI,
    BATCH_DATE,
    PROCESSING_INSTANCE_TYPE,
    PROCESSING_INSTANCE_COUNT,
    TRANSFORM_INSTANCE_TYPE,
    TRANSFORM_INSTANCE_COUNT,
    THRESHOLD,
]

INFERENCE_PREFIX = f"{DATA_PREFIX}/inference"

DATA_QUALITY = PropertyFile(name="DataQuality", output_name="report", path="check.json")


def resolve_model_step(session: PipelineSession) -> LambdaStep:
    """Asks the registry account which approved version serves; fails when there is none."""
    return lambda_step(
        "ResolveModel",
        "${env.resolve_model_function_arn}",
        session=session,
        inputs={"model_package_group_arn": "${env.model_package_group_arn}"},
        outputs=(
            "model_package_arn",
            "model_version",
            "model_data_uri",
            "statistics_uri",
            "constraints_uri",
        ),
    )


def resolve_batch_step(session: PipelineSession) -> LambdaStep:
    """Finds the batch object of the day; fails when it is missing."""
    return lambda_step(
        "ResolveBatch",
        "${env.resolve_batch_function_arn}",
        session=session,
        inputs={"batch_uri": BATCH_URI, "batch_date": BATCH_DATE},
        outputs=("batch_uri", "batch_date", "batch_version"),
    )


def found(check: ProcessingStep, key: str) -> JsonGet:
    """Returns a reference to one value of check.json."""
    return JsonGet(step_name=check.name, property_file=DATA_QUALITY, json_path=key)


def check_drift_step(compute: Compute, model: LambdaStep, batch: LambdaStep) -> ProcessingStep:
    """Compares the raw batch with the baseline of the very model that would score it."""
    sources = [
        Source("batch", result(batch, "batch_uri")),
        Source("statistics", result(model, "statistics_uri")),
        Source("constraints", result(model, "constraints_uri")),
        ENGINE,
    ]
    sink = Sink("report", run_path(INFERENCE_PREFIX, "data-quality"))
    return script_step(
        "CheckDrift",
        "data_quality.pyz",
        compute=compute,
        sources=sources,
        sinks=[sink],
        property_files=[DATA_QUALITY],
        arguments=[
            "check",
            *("--input-dir", sources[0].directory),
            *("--statistics-dir", sources[1].directory),
            *("--constraints-dir", sources[2].directory),
            *("--output-dir", sink.directory),
            *("--ignore", ID),
        ],
    )


def emit_step(
    name: str, session: PipelineSession, check: ProcessingStep, model: LambdaStep, batch: LambdaStep
) -> LambdaStep:
    """Publishes what the check found: drift, the only thing that may start a training run by
    itself, or a warning, which people are told of."""
    return lambda_step(
        name,
        "${env.emit_drift_function_arn}",
        session=session,
        inputs={
            "use_case": "${use_case.name}",
            "severity": found(check, "severity"),
            "model_package_arn": result(model, "model_package_arn"),
            "model_version": result(model, "model_version"),
            "batch_uri": result(batch, "batch_uri"),
            "batch_version": result(batch, "batch_version"),
            "violations_uri": output_file_uri(check, "report", "constraint_violations.json"),
            "worst_features": found(check, "worst_features"),
            "summary": found(check, "summary"),
            "pipeline_execution_id": ExecutionVariables.PIPELINE_EXECUTION_ID,
        },
        outputs=("event_id",),
    )


def drift_detected_step(
    check: ProcessingStep, batch: LambdaStep, emit_drift: LambdaStep
) -> FailStep:
    """Stops the run; its name tells drift from every other failure."""
    drift = "was not scored: data drift."
    reason = ["The batch", result(batch, "batch_uri"), drift, found(check, "summary")]
    return FailStep(
        name="DataDriftDetected",
        error_message=Join(on=" ", values=reason),
        depends_on=[emit_drift],
    )


def prepare_batch_step(compute: Compute, batch: LambdaStep) -> ProcessingStep:
    """Turns the batch into the header-less CSV that the model reads, identifiers first."""
    source = Source("batch", result(batch, "batch_uri"))
    sinks = [
        Sink("batch", run_path(INFERENCE_PREFIX, "batch")),
        Sink("rejected", run_path(INFERENCE_PREFIX, "rejected")),
    ]
    return script_step(
        "PrepareBatch",
        "prepare_batch.py",
        compute=compute,
        sources=[source],
        sinks=sinks,
        arguments=[
            *("--input-dir", source.directory),
            *("--batch-dir", sinks[0].directory),
            *("--rejected-dir", sinks[1].directory),
            *("--id", ID),
            *("--features", ",".join(FEATURES)),
            *("--maximum-rejected-fraction", MAXIMUM_REJECTED_FRACTION),
        ],
    )


def create_model_step(model: LambdaStep) -> RequestStep:
    """Creates the model from the approved package itself, wherever its artifact lies."""
    request = {
        "PrimaryContainer": {"ModelPackageName": result(model, "model_package_arn")},
        "ExecutionRoleArn": "${env.execution_role_arn}",
        "EnableNetworkIsolation": True,
    }
    return RequestStep("CreateModel", StepTypeEnum.CREATE_MODEL, request, "DescribeModelOutput")


def transform_step(prepare: ProcessingStep, model: RequestStep) -> RequestStep:
    """Scores every row; the identifier is kept from the model and joined back to the score.

    Written as a request because v3's `Transformer` validates `InstanceCount` as a plain integer
    and so refuses the pipeline parameter for it.
    """
    s3_source = {"S3DataType": "S3Prefix", "S3Uri": output_uri(prepare, "batch")}
    request = {
        "ModelName": model.properties.ModelName,
        "BatchStrategy": "MultiRecord",
        "TransformInput": {
            "DataSource": {"S3DataSource": s3_source},
            "ContentType": "text/csv",
            "SplitType": "Line",
        },
        "DataProcessing": {
            "InputFilter": "$[1:]",
            "JoinSource": "Input",
            "OutputFilter": "$[0,-1]",
        },
        "TransformOutput": {
            "S3OutputPath": run_path(INFERENCE_PREFIX, "transform"),
            "Accept": "text/csv",
            "AssembleWith": "Line",
            "KmsKeyId": "${env.kms_key_arn}",
        },
        "TransformResources": {
            "InstanceType": TRANSFORM_INSTANCE_TYPE,
            "InstanceCount": TRANSFORM_INSTANCE_COUNT,
            "VolumeKmsKeyId": "${env.kms_key_arn}",
        },
    }
    return RequestStep("Transform", StepTypeEnum.TRANSFORM, request, "DescribeTransformJobResponse")


def publish_predictions_step(
    compute: Compute, prepare: ProcessingStep, transform: RequestStep, model: LambdaStep
) -> ProcessingStep:
    """Writes predictions.csv after checking that every case got exactly one score."""
    batch = Source("batch", output_uri(prepare, "batch"))
    scores = Source("scores", transform.properties.TransformOutput.S3OutputPath)
    sink = Sink("predictions", run_path(f"{DATA_PREFIX}/predictions"))
    return script_step(
        "PublishPredictions",
        "publish_predictions.py",
        compute=compute,
        sources=[batch, scores],
        sinks=[sink],
        arguments=[
            *("--batch-dir", batch.directory),
            *("--scores-dir", scores.directory),
            *("--output-dir", sink.directory),
            *("--threshold", THRESHOLD.to_string()),
            *("--model-version", result(model, "model_version")),
            *("--model-package-arn", result(model, "model_package_arn")),
            *("--execution-id", ExecutionVariables.PIPELINE_EXECUTION_ID),
        ],
    )


def is_drifted_step(
    check: ProcessingStep, *, drifted: list[Step], not_drifted: list[Step]
) -> ConditionStep:
    """Decides between the drift event and scoring."""
    return ConditionStep(
        name="IsDrifted",
        conditions=[ConditionEquals(left=found(check, "drifted"), right="true")],
        if_steps=drifted,
        else_steps=not_drifted,
    )


def has_warnings_step(check: ProcessingStep, emit_warning: LambdaStep) -> ConditionStep:
    """Tells people of what is no drift; the batch is scored all the same."""
    return ConditionStep(
        name="HasWarnings",
        conditions=[ConditionEquals(left=found(check, "severity"), right="warn")],
        if_steps=[emit_warning],
        else_steps=[],
    )


def pipeline() -> Pipeline:
    """Returns the inference pipeline, ready for `.definition()`."""
    session = PipelineSession()
    compute = Compute(
        session, PROCESSING_INSTANCE_TYPE, PROCESSING_INSTANCE_COUNT, "${env.kms_key_arn}"
    )
    model, batch = resolve_model_step(session), resolve_batch_step(session)
    check = check_drift_step(compute, model, batch)
    emit_drift = emit_step("EmitDrift", session, check, model, batch)
    emit_warning = emit_step("EmitWarning", session, check, model, batch)
    prepare = prepare_batch_step(compute, batch)
    create_model = create_model_step(model)
    transform = transform_step(prepare, create_model)
    publish = publish_predictions_step(compute, prepare, transform, model)
    is_drifted = is_drifted_step(
        check,
        drifted=[emit_drift, drift_detected_step(check, batch, emit_drift)],
        not_drifted=[prepare, create_model, transform, publish],
    )
    return Pipeline(
        name="${use_case.pipelines.inference}",
        parameters=PARAMETERS,
        steps=[model, batch, check, has_warnings_step(check, emit_warning), is_drifted],
        sagemaker_session=session,
    )
