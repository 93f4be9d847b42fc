"""Executors: what one action of a plan does.

`AccountExecutor` mutates: S3 PutObject, SageMaker CreatePipeline, UpdatePipeline, DeletePipeline,
AddTags, DeleteTags, and `terraform apply` with the note that it was. `DisplayExecutor` calls
nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from promotion.apply.terraform_note import TerraformNote
from promotion.aws.errors import RemoteMissing
from promotion.aws.objects import Objects
from promotion.aws.pipelines import Pipelines
from promotion.errors import RemoteError
from promotion.plan.actions import ApplyTerraform, DeletePipeline, UploadCode, WritePipeline
from promotion.plan.compare import equivalent
from promotion.plan.model import PipelineState
from promotion.plan.ownership import KEYS
from promotion.plan.remote import state_of
from promotion.terraform.runner import TerraformRunner


class Executor(Protocol):
    """Carries out single actions."""

    def upload(self, action: UploadCode) -> None:
        """Write a code object that the bucket lacks."""

    def apply_terraform(self, action: ApplyTerraform) -> None:
        """Apply the saved Terraform plan."""

    def write(self, action: WritePipeline) -> None:
        """Create or update a pipeline."""

    def delete(self, action: DeletePipeline) -> None:
        """Delete a pipeline."""

    def restore(self, name: str, former: PipelineState | None) -> str:
        """Bring a pipeline back to what it was and return what was done, in words."""


class DisplayExecutor:
    """Tells what would be done.

    Args:
        say: writes one line.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        """Keep the callback."""
        self._say = say

    def upload(self, action: UploadCode) -> None:
        """Tell of an upload."""
        self._say(f"would {action}")

    def apply_terraform(self, action: ApplyTerraform) -> None:
        """Tell of the Terraform apply."""
        self._say(f"would {action}")

    def write(self, action: WritePipeline) -> None:
        """Tell of a pipeline that would be written."""
        self._say(f"would {action}")

    def delete(self, action: DeletePipeline) -> None:
        """Tell of a pipeline that would be deleted."""
        self._say(f"would {action}")

    def restore(self, name: str, former: PipelineState | None) -> str:
        """Tell that nothing was changed."""
        del former
        return f"{name}: not changed"


@dataclass(frozen=True)
class SavedTerraform:
    """A saved Terraform plan, and what applies it.

    Attributes:
        runner: runs the environment's root.
        plan_path: the saved plan.
        note: notes that it has been applied.
    """

    runner: TerraformRunner
    plan_path: Path
    note: TerraformNote


@dataclass(frozen=True)
class AccountExecutor:
    """Writes to the account.

    Attributes:
        pipelines: gateway to the pipelines.
        objects: gateway to the code objects.
        code: content of each code object by SHA-256.
        terraform: the saved Terraform plan; None when the plan has no Terraform.
    """

    pipelines: Pipelines
    objects: Objects
    code: Mapping[str, bytes]
    terraform: SavedTerraform | None

    def upload(self, action: UploadCode) -> None:
        """Write a code object; one that exists with the same content is left alone."""
        upload = action.upload
        body = self.code.get(upload.sha256)
        if body is None:
            raise RemoteError(
                f"the plan file's releases lack the code object {upload.key}",
                resource=f"s3://{upload.bucket}/{upload.key}",
                hint="make a new plan",
            )
        self.objects.put_new(upload.bucket, upload.key, body)

    def apply_terraform(self, action: ApplyTerraform) -> None:
        """Apply the saved Terraform plan, and note that it was."""
        if self.terraform is None:
            raise RemoteError(f"the plan file has no Terraform plan for {action.environment}")
        self.terraform.runner.init()
        self.terraform.runner.apply(self.terraform.plan_path)
        self.terraform.note.write()

    def write(self, action: WritePipeline) -> None:
        """Create or update a pipeline; with a new mark alone the definition is not written.

        The mark is written last: while it says what it said, nobody takes the pipeline for done,
        and a rerun writes its tags again.
        """
        name, desired = action.change.name, action.desired
        if action.change.former is None:
            self.pipelines.create(
                name, desired.definition_json, desired.role_arn, desired.tags, desired.description
            )
            return
        definition = desired.definition_json if action.definition_changes else None
        self.pipelines.add_tags(self.pipelines.describe(name).arn, desired.tags)
        self.pipelines.update(name, definition, desired.role_arn, desired.description)

    def delete(self, action: DeletePipeline) -> None:
        """Delete a pipeline; one that is gone already was deleted by an answer that got lost."""
        try:
            self.pipelines.delete(action.change.name)
        except RemoteMissing:
            return

    def restore(self, name: str, former: PipelineState | None) -> str:
        """Bring a pipeline back, its mark first; one that is as it was is not written."""
        try:
            found = self.pipelines.describe(name)
        except RemoteMissing:
            if former is None:
                return f"{name}: was not created"
            self.pipelines.create(
                name, former.definition_json, former.role_arn, former.tags, former.description
            )
            return f"{name}: deleted and created again, without the record of its executions"
        if former is None:
            self.pipelines.delete(name)
            return f"{name}: created and deleted again"
        tags = self.pipelines.tags(found.arn)
        written = not equivalent(state_of(found), former)
        wrong = {key: value for key, value in former.tags.items() if tags.get(key) != value}
        extra = [key for key in KEYS if key in tags and key not in former.tags]
        if written:
            self.pipelines.update(name, former.definition_json, former.role_arn, former.description)
        if wrong:
            self.pipelines.add_tags(found.arn, wrong)
        if extra:
            self.pipelines.remove_tags(found.arn, extra)
        return f"{name}: " + (
            "changed and restored" if written or wrong or extra else "was not changed"
        )
