"""The plan's actions in the order in which an apply takes them. Pure."""

from dataclasses import dataclass

from promotion.plan.model import Action, CodeUpload, PipelineChange, PipelineState, Plan


@dataclass(frozen=True)
class UploadCode:
    """Write a code object that the bucket lacks."""

    upload: CodeUpload

    def __str__(self) -> str:
        """Return the action in words."""
        return (
            f"upload s3://{self.upload.bucket}/{self.upload.key} ({self.upload.size_bytes} bytes)"
        )


@dataclass(frozen=True)
class ApplyTerraform:
    """Apply the saved Terraform plan."""

    environment: str
    sentence: str

    def __str__(self) -> str:
        """Return the action in words."""
        return f"terraform apply {self.environment}: {self.sentence}"


@dataclass(frozen=True)
class WritePipeline:
    """Create or update a pipeline."""

    change: PipelineChange

    @property
    def desired(self) -> PipelineState:
        """What is written."""
        if self.change.desired is None:
            raise ValueError(f"{self.change.name} is deleted, not written")
        return self.change.desired

    @property
    def definition_changes(self) -> bool:
        """Whether more than our mark and tags changes."""
        return self.change.former is None or bool(self.change.definition or self.change.role)

    def __str__(self) -> str:
        """Return the action in words."""
        what = "" if self.definition_changes else " (mark only)"
        return f"{self.change.action} pipeline {self.change.name}{what}"


@dataclass(frozen=True)
class DeletePipeline:
    """Delete a pipeline, and with it the record that SageMaker keeps of its executions."""

    change: PipelineChange

    def __str__(self) -> str:
        """Return the action in words."""
        return f"delete pipeline {self.change.name}"


PipelineAction = WritePipeline | DeletePipeline
PlannedAction = UploadCode | ApplyTerraform | PipelineAction


def actions_of(plan: Plan) -> tuple[PlannedAction, ...]:
    """Return what an apply of the plan does, in order; empty when there is nothing to do.

    Code goes first, so that an upload that fails leaves everything as it was; only where the
    same Terraform plan makes the bucket does it follow Terraform.
    """
    terraform: list[PlannedAction] = []
    if plan.terraform and plan.terraform.has_changes:
        terraform.append(ApplyTerraform(plan.environment, plan.terraform.sentence))
    uploads = [upload for upload in plan.code if not upload.present]
    late = [upload for upload in uploads if _bucket_is_made(plan, upload)]
    return (
        *(UploadCode(upload) for upload in uploads if upload not in late),
        *terraform,
        *(UploadCode(upload) for upload in late),
        *(
            _pipeline_action(change)
            for change in plan.pipelines
            if change.action is not Action.UNCHANGED
        ),
    )


def _pipeline_action(change: PipelineChange) -> PipelineAction:
    return DeletePipeline(change) if change.action is Action.DELETE else WritePipeline(change)


def _bucket_is_made(plan: Plan, upload: CodeUpload) -> bool:
    return plan.terraform is not None and plan.terraform.creates("aws_s3_bucket", upload.bucket)
