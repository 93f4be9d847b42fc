"""The plan as data: frozen values that are rendered, written to a plan file and applied.

Reads, writes and calls nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from promotion.changes import FieldChange, Kind
from promotion.terraform.summary import TerraformSummary

ROLLBACK = "rollback"
"""Purpose of a plan that brings an earlier release back."""

DESTROY = "destroy"
"""Purpose of a plan that deletes a use case's pipelines."""


class Action(StrEnum):
    """What is done with a pipeline."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    UNCHANGED = "unchanged"


class Outcome(StrEnum):
    """What a gate says.

    Deferred: the same apply makes what is missing before it is needed. Overridden: the gate
    refuses, and a person answers for it.
    """

    PASSED = "passed"
    REFUSED = "refused"
    DEFERRED = "deferred"
    OVERRIDDEN = "overridden"


@dataclass(frozen=True)
class ItemChange:
    """A step or a parameter that differs.

    Attributes:
        name: its name.
        kind: added, removed or changed.
        type: type of the step or parameter.
        fields: what changed in it; empty for one that is added or removed.
    """

    name: str
    kind: Kind
    type: str
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True)
class DefinitionDiff:
    """How two pipeline definitions differ; all empty when they are the same."""

    parameters: tuple[ItemChange, ...] = ()
    steps: tuple[ItemChange, ...] = ()
    other: tuple[FieldChange, ...] = ()

    def __bool__(self) -> bool:
        """Return whether they differ."""
        return bool(self.parameters or self.steps or self.other)


@dataclass(frozen=True)
class ScriptDiff:
    """A code object that a pipeline uses in another version, for the first or the last time.

    Attributes:
        name: file name.
        kind: added, removed or changed.
        lines: unified diff without its header; empty unless changed.
        note: why there is no diff by line; empty when there is.
    """

    name: str
    kind: Kind
    lines: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class PipelineState:
    """What promotion writes of a pipeline.

    Attributes:
        definition_json: the definition as text.
        role_arn: role of its executions.
        tags: our tags (see `promotion.plan.ownership`), as the mark says them; other tags are left
            alone. Of a pipeline that is deleted, all of its tags: they go with it.
        description: its description, which holds the mark.
    """

    definition_json: str
    role_arn: str
    tags: Mapping[str, str]
    description: str = ""


@dataclass(frozen=True)
class PipelineChange:
    """What happens to one pipeline.

    Attributes:
        use_case: use case it belongs to.
        key: its key in the use case.
        name: its name in the account.
        action: create, update, delete or unchanged.
        desired: what the release says; None when the pipeline is deleted.
        former: what the account had when the plan was made; None when it had none.
        definition: how the definitions differ.
        scripts: code that the definitions use in different versions.
        role: the change of the role, if any.
        tags: changes of our tags.
        description: the change of a description that has no mark; None where it has one.
    """

    use_case: str
    key: str
    name: str
    action: Action
    desired: PipelineState | None
    former: PipelineState | None
    definition: DefinitionDiff = field(default_factory=DefinitionDiff)
    scripts: tuple[ScriptDiff, ...] = ()
    role: FieldChange | None = None
    tags: tuple[FieldChange, ...] = ()
    description: FieldChange | None = None

    def __post_init__(self) -> None:
        """Refuse what is neither written nor deleted.

        Raises:
            ValueError: a pipeline that is deleted is desired, or one that is not is missing.
        """
        if (self.action is Action.DELETE) != (self.desired is None):
            raise ValueError(f"{self.name}: action {self.action} does not fit what is desired")


@dataclass(frozen=True)
class CodeUpload:
    """A code object of the release.

    Attributes:
        bucket: data bucket of the environment.
        key: key, which holds the digest.
        sha256: digest of the content.
        size_bytes: size of the content.
        present: whether the bucket already has it.
    """

    bucket: str
    key: str
    sha256: str
    size_bytes: int
    present: bool


@dataclass(frozen=True)
class ReleaseReference:
    """Which release is promoted, or goes with the pipelines that are deleted."""

    use_case: str
    digest: str
    git_commit: str
    dirty: bool


@dataclass(frozen=True)
class Stray:
    """A pipeline that carries our mark and belongs to no use case of the environment."""

    name: str
    use_case: str
    release: str


@dataclass(frozen=True)
class Override:
    """Why a gate's refusal is overridden, and who answers for it.

    Attributes:
        reason: why, in one line.
        asked_by: ARN of whoever made the plan.
    """

    reason: str
    asked_by: str


@dataclass(frozen=True)
class GateResult:
    """What one gate says.

    Attributes:
        gate: name of the gate.
        outcome: passed, refused, deferred or overridden.
        message: what was found.
        hint: the next step after a refusal; empty otherwise.
        override: why the refusal is overridden, and by whom; None unless it is.
    """

    gate: str
    outcome: Outcome
    message: str
    hint: str = ""
    override: Override | None = None


@dataclass(frozen=True)
class Plan:
    """Everything that an apply does, and the remote state it was computed from.

    Attributes:
        environment: name of the environment.
        account_id: its account.
        region: its region.
        environment_sha256: digest of the environment's file.
        releases: what is promoted, by use case; in a plan that destroys, what goes.
        pipelines: every pipeline of the releases, by name.
        code: every code object of the releases, by key.
        strays: pipelines of ours that no use case of the environment names.
        terraform: what the saved Terraform plan does; None without Terraform.
        gates: what the gates say.
        purpose: apply, rollback or destroy; the kind of the ledger's record.
        reason: why, in the words of whoever rolls back or destroys; empty otherwise.
    """

    environment: str
    account_id: str
    region: str
    environment_sha256: str
    releases: tuple[ReleaseReference, ...] = ()
    pipelines: tuple[PipelineChange, ...] = ()
    code: tuple[CodeUpload, ...] = ()
    strays: tuple[Stray, ...] = ()
    terraform: TerraformSummary | None = None
    gates: tuple[GateResult, ...] = ()
    purpose: str = "apply"
    reason: str = ""

    @property
    def has_changes(self) -> bool:
        """Whether an apply writes anything."""
        return (
            any(change.action is not Action.UNCHANGED for change in self.pipelines)
            or any(not upload.present for upload in self.code)
            or (self.terraform is not None and self.terraform.has_changes)
        )

    @property
    def promoted(self) -> tuple[ReleaseReference, ...]:
        """The releases of which a pipeline is written; what stays or goes is not promoted."""
        written = {
            change.use_case
            for change in self.pipelines
            if change.action in {Action.CREATE, Action.UPDATE}
        }
        return tuple(release for release in self.releases if release.use_case in written)

    @property
    def refusals(self) -> tuple[GateResult, ...]:
        """The gates that refuse."""
        return tuple(result for result in self.gates if result.outcome is Outcome.REFUSED)

    @property
    def overridden(self) -> tuple[GateResult, ...]:
        """The gates whose refusal is overridden."""
        return tuple(result for result in self.gates if result.outcome is Outcome.OVERRIDDEN)
