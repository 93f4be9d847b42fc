"""What the train and the inference definition share: tokens, storage paths, Processing steps.

Builds SageMaker SDK objects in memory. Reads and writes nothing; the only AWS calls are those
that the SDK itself makes when a session and a trainer are created.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from sagemaker.core.helper.pipeline_variable import PipelineVariable
from sagemaker.core.lambda_helper import Lambda
from sagemaker.core.network import NetworkConfig
from sagemaker.core.processing import Processor
from sagemaker.core.shapes import (
    ProcessingInput,
    ProcessingOutput,
    ProcessingS3Input,
    ProcessingS3Output,
)
from sagemaker.core.workflow.execution_variables import ExecutionVariables
from sagemaker.core.workflow.functions import Join
from sagemaker.core.workflow.properties import Properties, PropertyFile
from sagemaker.mlops.workflow.lambda_step import LambdaOutput, LambdaStep
from sagemaker.mlops.workflow.steps import ProcessingStep, Step, StepTypeEnum

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sagemaker.core.workflow.pipeline_context import PipelineSession

Text: TypeAlias = str | PipelineVariable
"""A string, or a value that SageMaker Pipelines fills in when the pipeline runs."""

CODE_DIR = "/opt/ml/processing/code"
MODULES_DIR = "/opt/ml/processing/modules"
INPUT_DIR = "/opt/ml/processing/input"
OUTPUT_DIR = "/opt/ml/processing/output"
PROCESSING_TIMEOUT_SECONDS = 1800
IMAGE = "${image.xgboost}"
DATA_PREFIX = "s3://${env.data_bucket}/${use_case.name}"
ARTIFACT_PREFIX = "s3://${env.artifact_bucket}/${env.environment}/${use_case.name}"


class Token(PipelineVariable):  # type: ignore[misc]  # untyped SDK
    """A release token (`${...}`) that stands where the SDK wants to look into the value.

    Given a bare string the SDK expands role names through IAM and uploads whatever does not
    start with `s3://`. It leaves pipeline variables alone, so a token that takes such a place
    is presented as one; in the definition it is the plain string.
    """

    def __init__(self, token: str) -> None:
        self._token = token

    @property
    def expr(self) -> str:
        """The token as it stands in the definition."""
        return self._token

    @property
    def _referenced_steps(self) -> list[Any]:
        return []


class RequestStep(Step):  # type: ignore[misc]
    """A step whose `Arguments` are an API request written out by the author.

    SDK v3 has no other public way to a Model step with a `ModelPackageName` or to a
    RegisterModel step with pipeline variables in `CustomerMetadataProperties`: `ModelStep`
    accepts only what `ModelBuilder` recorded (its own dict branch is refused by the validation
    before it), and `ModelBuilder` adds `SAGEMAKER_REGION` to the container, which would freeze
    the region of the building machine into the release.
    """

    def __init__(
        self, name: str, step_type: StepTypeEnum, request: Mapping[str, Any], describe_shape: str
    ) -> None:
        """Creates the step.

        Args:
            name: Step name, unique in the pipeline.
            step_type: Model or RegisterModel.
            request: Request of the step's Create call; may hold pipeline variables.
            describe_shape: botocore output shape that types the step's properties.
        """
        super().__init__(name=name, step_type=step_type)
        self._request = dict(request)
        self._properties = Properties(step_name=name, step=self, shape_name=describe_shape)

    @property
    def arguments(self) -> dict[str, Any]:
        """The request."""
        return self._request

    @property
    def properties(self) -> Properties:
        """References to the created resource's attributes."""
        return self._properties


@dataclass(frozen=True)
class Source:
    """One input of a Processing step: a folder in the container filled from S3."""

    name: str
    s3_uri: Text

    @property
    def directory(self) -> str:
        """Folder in the container."""
        return f"{INPUT_DIR}/{self.name}"


ENGINE = Source("wheels", Token("${wheels.data_quality}"))
"""Packages of the data-quality step that its image lacks; the step installs them."""


@dataclass(frozen=True)
class Sink:
    """One output of a Processing step: a folder in the container copied to S3 at the end."""

    name: str
    s3_uri: Text

    @property
    def directory(self) -> str:
        """Folder in the container."""
        return f"{OUTPUT_DIR}/{self.name}"


@dataclass(frozen=True)
class Compute:
    """Machines for the Processing steps of one pipeline.

    Attributes:
        output_kms_key: Key for the outputs; None leaves it to the bucket's default key, which
            is right for buckets of another account (the registry's artifact bucket).
    """

    session: PipelineSession
    instance_type: Text
    instance_count: int | PipelineVariable
    output_kms_key: str | None = None


def run_path(prefix: str, *parts: str) -> Join:
    """Returns `prefix/<execution id>/parts...`: no run overwrites another's outputs."""
    return Join(on="/", values=[prefix, ExecutionVariables.PIPELINE_EXECUTION_ID, *parts])


def output_uri(step: ProcessingStep, output: str) -> PipelineVariable:
    """Returns the S3 URI of the folder of a Processing step's output."""
    uri: PipelineVariable = step.properties.ProcessingOutputConfig.Outputs[output].S3Output.S3Uri
    return uri


def output_file_uri(step: ProcessingStep, output: str, file_name: str) -> Join:
    """Returns the S3 URI of one file of a Processing step's output."""
    return Join(on="/", values=[output_uri(step, output), file_name])


def lambda_step(
    name: str,
    function_arn: str,
    *,
    session: PipelineSession,
    inputs: dict[str, Text],
    outputs: tuple[str, ...],
) -> LambdaStep:
    """Builds a step that calls an existing function; all its outputs are strings.

    By ARN only: given code, the SDK would create or update the function while building.
    """
    return LambdaStep(
        name=name,
        lambda_func=Lambda(function_arn=function_arn, session=session),
        inputs=inputs,
        outputs=[LambdaOutput(output_name=output) for output in outputs],
    )


def result(step: LambdaStep, output: str) -> Properties:
    """Returns a reference to one output of a Lambda step."""
    reference: Properties = step.properties.Outputs[output]
    return reference


def script_step(
    name: str,
    script: str,
    *,
    compute: Compute,
    arguments: Sequence[Text],
    sources: Sequence[Source],
    sinks: Sequence[Sink],
    property_files: Sequence[PropertyFile] = (),
    module: str | None = None,
) -> ProcessingStep:
    """Builds a Processing step that runs one script of `steps/` in the XGBoost image.

    `Processor` rather than `ScriptProcessor`, because the latter insists on uploading its
    script; here the script is an input like any other, named by a code token.

    Args:
        name: Step name.
        script: File name under `steps/`; a folder there is the program `<folder>.pyz`.
        compute: Session, machines and key.
        arguments: Command line of the script.
        sources: Inputs beside the script.
        sinks: Outputs.
        property_files: Outputs that later steps read with JsonGet.
        module: File name under `steps/` of a second script that the first one imports.
    """
    processor = Processor(
        role=Token("${env.execution_role_arn}"),
        image_uri=IMAGE,
        entrypoint=["python3", f"{CODE_DIR}/{script}"],
        instance_type=compute.instance_type,
        instance_count=compute.instance_count,
        volume_kms_key="${env.kms_key_arn}",
        output_kms_key=compute.output_kms_key,
        max_runtime_in_seconds=PROCESSING_TIMEOUT_SECONDS,
        network_config=NetworkConfig(enable_network_isolation=True),
        env={"PYTHONPATH": MODULES_DIR} if module else None,
        sagemaker_session=compute.session,
    )
    code = [_code_input("code", script, CODE_DIR)]
    if module:
        code.append(_code_input("module", module, MODULES_DIR))
    step_args = processor.run(
        inputs=[*code, *(_processing_input(s.name, s.s3_uri, s.directory) for s in sources)],
        outputs=[_processing_output(sink) for sink in sinks],
        arguments=list(arguments),
    )
    return ProcessingStep(name=name, step_args=step_args, property_files=list(property_files))


def _code_input(name: str, script: str, directory: str) -> ProcessingInput:
    return _processing_input(name, Token(f"${{code.steps/{script}}}"), directory)


def _processing_input(name: str, s3_uri: Text, local_path: str) -> ProcessingInput:
    return ProcessingInput(
        input_name=name,
        s3_input=ProcessingS3Input(
            s3_uri=s3_uri,
            local_path=local_path,
            s3_data_type="S3Prefix",
            s3_input_mode="File",
        ),
    )


def _processing_output(sink: Sink) -> ProcessingOutput:
    return ProcessingOutput(
        output_name=sink.name,
        s3_output=ProcessingS3Output(
            s3_uri=sink.s3_uri, local_path=sink.directory, s3_upload_mode="EndOfJob"
        ),
    )
