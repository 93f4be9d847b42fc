"""Definition of the train pipeline: data to a registered, pending model version.

Builds SageMaker SDK objects in memory; `pipeline()` takes nothing and returns an object with
`.definition()`. No environment value stands here: tokens (`${...}`) are filled in when the
release is resolved for an environment.

    Preprocess -> Train -> Evaluate ------------------> CheckAuc -> RegisterModel
              \\        \\-> ResolveChampion -> Compare -/        \\-> AucTooLow
               \\-> Baseline ---------------------------/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sagemaker.core.drift_check_baselines import DriftCheckBaselines
from sagemaker.core.model_metrics import MetricsSource, ModelMetrics
from sagemaker.core.shapes import OutputDataConfig, StoppingCondition
from sagemaker.core.workflow.conditions import ConditionGreaterThanOrEqualTo
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
from sagemaker.mlops.workflow.steps import ProcessingStep, StepTypeEnum, TrainingStep
from sagemaker.train import ModelTrainer
from sagemaker.train.configs import Compute as TrainingCompute
from sagemaker.train.configs import InputData, Networking

from pipelines.mammography.definition import (
    ARTIFACT_PREFIX,
    DATA_PREFIX,
    ENGINE,
    IMAGE,
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
from pipelines.mammography.settings import (
    BOOTSTRAP_REPLICATES,
    CATEGORICAL,
    FEATURES,
    HYPERPARAMETERS,
    LABEL,
    MAXIMUM_REJECTED_FRACTION,
    SEED,
    TEST_FRACTION,
    VALIDATION_FRACTION,
)

if TYPE_CHECKING:
    from sagemaker.mlops.workflow.lambda_step import LambdaStep

INPUT_URI = ParameterString(
    "InputUri", default_value="s3://${env.data_bucket}/${use_case.name}/training/"
)
# Which batch asked for this run ("none": nobody's); recorded with the model version.
DRIFTED_BATCH_URI = ParameterString("DriftedBatchUri", default_value="none")
DRIFTED_BATCH_VERSION = ParameterString("DriftedBatchVersion", default_value="none")
PROCESSING_INSTANCE_TYPE = ParameterString("ProcessingInstanceType", default_value="ml.m5.large")
PROCESSING_INSTANCE_COUNT = ParameterInteger("ProcessingInstanceCount", default_value=1)
TRAINING_INSTANCE_TYPE = ParameterString("TrainingInstanceType", default_value="ml.m5.large")
TRAINING_INSTANCE_COUNT = ParameterInteger("TrainingInstanceCount", default_value=1)
MINIMUM_AUC = ParameterFloat("MinimumAuc", default_value=0.85)
THRESHOLD = ParameterFloat("Threshold", default_value=0.5)
PARAMETERS: list[Parameter] = [
    INPUT_URI,
    DRIFTED_BATCH_URI,
    DRIFTED_BATCH_VERSION,
    PROCESSING_INSTANCE_TYPE,
    PROCESSING_INSTANCE_COUNT,
    TRAINING_INSTANCE_TYPE,
    TRAINING_INSTANCE_COUNT,
    MINIMUM_AUC,
    THRESHOLD,
]

EVALUATION = PropertyFile(name="Evaluation", output_name="evaluation", path="evaluation.json")
COMPARISON = PropertyFile(name="Comparison", output_name="comparison", path="comparison.json")
DATASET = PropertyFile(name="Dataset", output_name="dataset", path="dataset.json")
TRAINING_TIMEOUT_SECONDS = 3600


def preprocess_step(compute: Compute) -> ProcessingStep:
    """Cleans the training data and splits it before anything is fitted."""
    source = Source("training", INPUT_URI)
    splits = f"{DATA_PREFIX}/train"
    sinks = {
        name: Sink(name, run_path(splits, name))
        for name in ("train", "validation", "test", "features", "rejected")
    }
    sinks["dataset"] = Sink("dataset", run_path(f"{ARTIFACT_PREFIX}/train", "dataset"))
    folders = [part for sink in sinks.values() for part in (f"--{sink.name}-dir", sink.directory)]
    return script_step(
        "Preprocess",
        "preprocess.py",
        compute=compute,
        sources=[source],
        sinks=list(sinks.values()),
        property_files=[DATASET],
        arguments=[
            *("--input-dir", source.directory),
            *folders,
            *("--features", ",".join(FEATURES)),
            *("--label", LABEL),
            *("--seed", SEED),
            *("--test-fraction", TEST_FRACTION),
            *("--validation-fraction", VALIDATION_FRACTION),
            *("--maximum-rejected-fraction", MAXIMUM_REJECTED_FRACTION),
        ],
    )


def train_step(session: PipelineSession, preprocess: ProcessingStep) -> TrainingStep:
    """Trains XGBoost in the image's algorithm mode (no script of ours)."""
    trainer = ModelTrainer(
        sagemaker_session=session,
        # The constructor asks IAM about whatever does not look like a role's ARN and accepts no
        # pipeline variable here; it is satisfied with this, and the token follows below.
        role="arn:aws:iam::${env.account_id}:role/set-below",
        training_image=IMAGE,
        base_job_name="mammography-train",
        hyperparameters=HYPERPARAMETERS,
        compute=TrainingCompute(
            instance_type=TRAINING_INSTANCE_TYPE,
            instance_count=TRAINING_INSTANCE_COUNT,
            volume_size_in_gb=10,
            volume_kms_key_id="${env.kms_key_arn}",
        ),
        networking=Networking(enable_network_isolation=True),
        stopping_condition=StoppingCondition(max_runtime_in_seconds=TRAINING_TIMEOUT_SECONDS),
        output_data_config=OutputDataConfig(
            s3_output_path=run_path(f"{ARTIFACT_PREFIX}/train", "model")
        ),
    )
    trainer.role = "${env.execution_role_arn}"
    channels = [
        InputData(
            channel_name=channel,
            data_source=output_uri(preprocess, channel),
            content_type="text/csv",
        )
        for channel in ("train", "validation")
    ]
    return TrainingStep(name="Train", step_args=trainer.train(input_data_config=channels))


def baseline_step(compute: Compute, preprocess: ProcessingStep) -> ProcessingStep:
    """Describes the raw training features (missing values included) for the drift check."""
    source = Source("features", output_uri(preprocess, "features"))
    sink = Sink("baseline", run_path(f"{ARTIFACT_PREFIX}/train", "baseline"))
    return script_step(
        "Baseline",
        "data_quality.pyz",
        compute=compute,
        sources=[source, ENGINE],
        sinks=[sink],
        arguments=[
            "baseline",
            *("--input-dir", source.directory),
            *("--output-dir", sink.directory),
            *("--categorical", ",".join(CATEGORICAL)),
        ],
    )


def evaluate_step(
    compute: Compute, preprocess: ProcessingStep, train: TrainingStep
) -> ProcessingStep:
    """Measures the model on the rows that no earlier step has used."""
    model = Source("model", train.properties.ModelArtifacts.S3ModelArtifacts)
    test = Source("test", output_uri(preprocess, "test"))
    sink = Sink("evaluation", run_path(f"{ARTIFACT_PREFIX}/train", "evaluation"))
    return script_step(
        "Evaluate",
        "evaluate.py",
        compute=compute,
        sources=[model, test],
        sinks=[sink],
        property_files=[EVALUATION],
        arguments=[
            *("--model-dir", model.directory),
            *("--test-dir", test.directory),
            *("--output-dir", sink.directory),
            *("--features", ",".join(FEATURES)),
            *("--label", LABEL),
            *("--threshold", THRESHOLD.to_string()),
            *("--bootstrap-replicates", BOOTSTRAP_REPLICATES),
            *("--seed", SEED),
        ],
    )


def resolve_champion_step(session: PipelineSession, train: TrainingStep) -> LambdaStep:
    """Asks the registry account which version serves; there need not be one.

    Without one the candidate's own model is returned, since a job's input has to exist.
    """
    return lambda_step(
        "ResolveChampion",
        "${env.resolve_model_function_arn}",
        session=session,
        inputs={
            "model_package_group_arn": "${env.model_package_group_arn}",
            "otherwise_model_data_uri": train.properties.ModelArtifacts.S3ModelArtifacts,
        },
        outputs=("champion_model_package_arn", "model_data_uri", "reason"),
    )


def compare_step(
    compute: Compute, preprocess: ProcessingStep, train: TrainingStep, champion: LambdaStep
) -> ProcessingStep:
    """Scores the model and the version in service on the same rows; what the approver asks."""
    sources = [
        Source("candidate", train.properties.ModelArtifacts.S3ModelArtifacts),
        Source("champion", result(champion, "model_data_uri")),
        Source("test", output_uri(preprocess, "test")),
    ]
    sink = Sink("comparison", run_path(f"{ARTIFACT_PREFIX}/train", "comparison"))
    folders = [part for each in sources for part in (f"--{each.name}-dir", each.directory)]
    return script_step(
        "Compare",
        "compare.py",
        module="evaluate.py",
        compute=compute,
        sources=sources,
        sinks=[sink],
        property_files=[COMPARISON],
        arguments=[
            *folders,
            *("--output-dir", sink.directory),
            *("--champion", result(champion, "champion_model_package_arn")),
            *("--reason", result(champion, "reason")),
            *("--features", ",".join(FEATURES)),
            *("--label", LABEL),
            *("--threshold", THRESHOLD.to_string()),
            *("--bootstrap-replicates", BOOTSTRAP_REPLICATES),
            *("--seed", SEED),
        ],
    )


def evaluated(metric: str, part: str, evaluate: ProcessingStep) -> JsonGet:
    """Returns a reference to one number of evaluation.json."""
    return JsonGet(
        step_name=evaluate.name,
        property_file=EVALUATION,
        json_path=f"binary_classification_metrics.{metric}.{part}",
    )


def register_step(
    preprocess: ProcessingStep,
    train: TrainingStep,
    baseline: ProcessingStep,
    evaluate: ProcessingStep,
    compare: ProcessingStep,
) -> RequestStep:
    """Registers the model as a pending version in the registry account's group."""
    statistics = _json_source(output_file_uri(baseline, "baseline", "statistics.json"))
    constraints = _json_source(output_file_uri(baseline, "baseline", "constraints.json"))
    metrics = ModelMetrics(
        model_statistics=_json_source(output_file_uri(evaluate, "evaluation", "evaluation.json")),
        model_data_statistics=statistics,
        model_data_constraints=constraints,
    )
    drift_baselines = DriftCheckBaselines(
        model_data_statistics=statistics, model_data_constraints=constraints
    )
    container = {
        "Image": IMAGE,
        "ModelDataUrl": train.properties.ModelArtifacts.S3ModelArtifacts,
    }
    request = {
        "ModelPackageGroupName": "${env.model_package_group_arn}",
        "ModelApprovalStatus": "PendingManualApproval",
        "InferenceSpecification": {
            "Containers": [container],
            "SupportedContentTypes": ["text/csv"],
            "SupportedResponseMIMETypes": ["text/csv"],
            "SupportedTransformInstanceTypes": ["ml.m5.large", "ml.m5.xlarge"],
            "SupportedRealtimeInferenceInstanceTypes": ["ml.m5.large", "ml.m5.xlarge"],
        },
        # The SDK's model leaves empty Bias and Explainability objects behind; drop them.
        "ModelMetrics": {k: v for k, v in metrics._to_request_dict().items() if v},
        "DriftCheckBaselines": drift_baselines._to_request_dict(),
        "CustomerMetadataProperties": _metadata(preprocess, evaluate, compare),
    }
    return RequestStep(
        "RegisterModel", StepTypeEnum.REGISTER_MODEL, request, "DescribeModelPackageOutput"
    )


def _json_source(s3_uri: Join) -> MetricsSource:
    return MetricsSource(content_type="application/json", s3_uri=s3_uri)


def _metadata(
    preprocess: ProcessingStep, evaluate: ProcessingStep, compare: ProcessingStep
) -> dict[str, object]:
    """Returns where the version comes from; every value a string, as the API demands."""

    def dataset(key: str) -> JsonGet:
        return JsonGet(step_name=preprocess.name, property_file=DATASET, json_path=key)

    def comparison(key: str) -> JsonGet:
        return JsonGet(step_name=compare.name, property_file=COMPARISON, json_path=key)

    return {
        "use_case": "${use_case.name}",
        "environment": "${env.environment}",
        "git_commit": "${release.git_commit}",
        "release_digest": "${release.digest}",
        "pipeline_execution_id": ExecutionVariables.PIPELINE_EXECUTION_ID,
        "dataset_sha256": dataset("sha256"),
        "dataset_rows": dataset("rows").to_string(),
        "drifted_batch_uri": DRIFTED_BATCH_URI,
        "drifted_batch_version": DRIFTED_BATCH_VERSION,
        "artifact_sha256": comparison("artifact_sha256"),
        "champion_model_package_arn": comparison("champion_model_package_arn"),
        "comparison_uri": output_file_uri(compare, "comparison", "comparison.json"),
        "auc": evaluated("auc", "value", evaluate).to_string(),
        "auc_low": evaluated("auc", "low", evaluate).to_string(),
        "auc_high": evaluated("auc", "high", evaluate).to_string(),
    }


def auc_too_low_step(evaluate: ProcessingStep) -> FailStep:
    """Ends the run with a reason that carries both numbers."""
    reason = [
        "The model was not registered: its ROC AUC on the test rows is",
        evaluated("auc", "value", evaluate),
        "and the pipeline parameter MinimumAuc is",
        MINIMUM_AUC,
    ]
    return FailStep(name="AucTooLow", error_message=Join(on=" ", values=reason))


def check_auc_step(
    evaluate: ProcessingStep, register: RequestStep, too_low: FailStep
) -> ConditionStep:
    """Registers only a model that is good enough."""
    auc = evaluated("auc", "value", evaluate)
    return ConditionStep(
        name="CheckAuc",
        conditions=[ConditionGreaterThanOrEqualTo(left=auc, right=MINIMUM_AUC)],
        if_steps=[register],
        else_steps=[too_low],
    )


def pipeline() -> Pipeline:
    """Returns the train pipeline, ready for `.definition()`."""
    session = PipelineSession()
    # Outputs here go to the registry account's bucket too, whose default key must encrypt them
    # for readers in other accounts; so no output key of this account is named.
    compute = Compute(session, PROCESSING_INSTANCE_TYPE, PROCESSING_INSTANCE_COUNT)
    preprocess = preprocess_step(compute)
    train = train_step(session, preprocess)
    baseline = baseline_step(compute, preprocess)
    evaluate = evaluate_step(compute, preprocess, train)
    champion = resolve_champion_step(session, train)
    compare = compare_step(compute, preprocess, train, champion)
    register = register_step(preprocess, train, baseline, evaluate, compare)
    check = check_auc_step(evaluate, register, auc_too_low_step(evaluate))
    return Pipeline(
        name="${use_case.pipelines.train}",
        parameters=PARAMETERS,
        steps=[preprocess, train, baseline, evaluate, champion, compare, check],
        sagemaker_session=session,
    )
