"""What SageMaker says of one pipeline execution.

Calls sagemaker DescribePipelineExecution, DescribePipelineDefinitionForExecution,
ListPipelineExecutionSteps, ListPipelineParametersForExecution and ListTags. Standard library only.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from promotion.ledger.check import fits

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

# The tags of `promotion.plan.ownership`, by what the ledger calls them.
RELEASE_TAGS = {"release_digest": "promotion:release", "git_commit": "promotion:git_commit"}
DEFINITION_TAG = "promotion:definition"


@dataclass(frozen=True)
class Step:
    """A step that has started.

    Attributes:
        name: its name.
        status: its status.
        seconds: how long it took; None while SageMaker does not say.
        reason: why it failed; empty otherwise.
        kind: what it made: ProcessingJob, TrainingJob, RegisterModel, Lambda, ...
        facts: what SageMaker says of that, such as its ARN.
    """

    name: str
    status: str
    seconds: float | None
    reason: str
    kind: str
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class PropertyFile:
    """A file of a step's output that the definition declares readable for other steps."""

    step: str
    name: str
    output: str
    path: str


@dataclass(frozen=True)
class Execution:
    """An execution and what ran in it.

    Attributes:
        arn: its ARN.
        pipeline_name: the pipeline's name, as in its ARN.
        status: its status.
        started_at: when it was started, aware.
        ended_at: when it last changed, aware: its end, once it has ended.
        started_by: ARN of who started it; empty when SageMaker does not say.
        reason: why it failed; empty otherwise.
        release: release_digest and git_commit of the definition that ran, where they are known.
        definition_digest: digest of that definition, as `promotion.plan.ownership` counts it.
        parameters: by name.
        steps: those that have started, in that order.
        property_files: what the definition declares.
    """

    arn: str
    pipeline_name: str
    status: str
    started_at: datetime
    ended_at: datetime
    started_by: str
    reason: str
    release: Mapping[str, str]
    definition_digest: str
    parameters: Mapping[str, str]
    steps: tuple[Step, ...]
    property_files: tuple[PropertyFile, ...]

    @property
    def model_package_arn(self) -> str:
        """The version that was registered, or else the one that a function chose to serve."""
        for step in self.steps:
            if step.kind == "RegisterModel":
                return str(step.facts.get("Arn", ""))
        for step in self.steps:
            for output in step.facts.get("OutputParameters", []) if step.kind == "Lambda" else []:
                if output["Name"] == "model_package_arn":
                    return str(output["Value"])
        return ""


def read_execution(arn: str, sagemaker: "SageMakerClient") -> Execution:
    """Return an execution.

    Raises:
        ClientError: SageMaker fails.
    """
    found = sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)
    text = sagemaker.describe_pipeline_definition_for_execution(PipelineExecutionArn=arn)[
        "PipelineDefinition"
    ]
    definition = json.loads(text)
    digest = definition_digest(definition)
    steps = tuple(_step(step) for step in _steps(arn, sagemaker))
    identity: Mapping[str, Any] = found.get("CreatedBy") or {}
    return Execution(
        arn=arn,
        pipeline_name=found["PipelineArn"].rpartition("/")[2],
        status=found["PipelineExecutionStatus"],
        started_at=found["CreationTime"],
        ended_at=found["LastModifiedTime"],
        started_by=str((identity.get("IamIdentity") or {}).get("Arn") or ""),
        reason=found.get("FailureReason") or next((s.reason for s in steps if s.reason), ""),
        release=_release(found["PipelineArn"], digest, sagemaker),
        definition_digest=digest,
        parameters=dict(_parameters(arn, sagemaker)),
        steps=steps,
        property_files=tuple(_property_files(definition["Steps"])),
    )


def definition_digest(definition: object) -> str:
    """Return the digest of a definition, the same however its JSON is spaced and ordered."""
    text = json.dumps(definition, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _release(pipeline_arn: str, digest: str, sagemaker: "SageMakerClient") -> dict[str, str]:
    pages = sagemaker.get_paginator("list_tags").paginate(ResourceArn=pipeline_arn)
    tags = {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}
    # The tags are of the definition that was applied last: not of this run, when another release
    # was applied in between, or the pipeline was edited by hand.
    if tags.get(DEFINITION_TAG) != digest:
        return {}
    found = {name: tags.get(tag, "") for name, tag in RELEASE_TAGS.items()}
    return {name: value for name, value in found.items() if fits(name, value)}


def _steps(arn: str, sagemaker: "SageMakerClient") -> Iterator[Mapping[str, Any]]:
    paginator = sagemaker.get_paginator("list_pipeline_execution_steps")
    for page in paginator.paginate(PipelineExecutionArn=arn, SortOrder="Ascending"):
        yield from page["PipelineExecutionSteps"]


def _step(step: Mapping[str, Any]) -> Step:
    # A step's metadata has one key, what it made: {"ProcessingJob": {"Arn": ...}}.
    metadata: Mapping[str, Mapping[str, Any]] = step.get("Metadata") or {}
    kind = next(iter(metadata), "")
    facts = metadata.get(kind, {})
    seconds = None
    if step.get("StartTime") and step.get("EndTime"):
        seconds = round((step["EndTime"] - step["StartTime"]).total_seconds(), 3)
    reason = step.get("FailureReason") or (facts.get("ErrorMessage") if kind == "Fail" else "")
    return Step(step["StepName"], step["StepStatus"], seconds, reason or "", kind, facts)


def _parameters(arn: str, sagemaker: "SageMakerClient") -> Iterator[tuple[str, str]]:
    paginator = sagemaker.get_paginator("list_pipeline_parameters_for_execution")
    for page in paginator.paginate(PipelineExecutionArn=arn):
        for parameter in page["PipelineParameters"]:
            yield parameter["Name"], parameter["Value"]


def _property_files(steps: list[dict[str, Any]]) -> Iterator[PropertyFile]:
    for step in steps:
        for file in step.get("PropertyFiles") or []:
            yield PropertyFile(
                step["Name"], file["PropertyFileName"], file["OutputName"], file["FilePath"]
            )
        arguments = step.get("Arguments") or {}
        for branch in ("IfSteps", "ElseSteps") if step["Type"] == "Condition" else ():
            yield from _property_files(arguments.get(branch) or [])
