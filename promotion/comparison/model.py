"""The comparison as data. Reads, writes and calls nothing."""

from dataclasses import dataclass, field

from pydantic import TypeAdapter

from promotion.changes import FieldChange
from promotion.plan.model import DefinitionDiff, ScriptDiff


@dataclass(frozen=True)
class Side:
    """A pipeline in one of the environments.

    Attributes:
        environment: name of the environment.
        named: whether the environment's file names it.
        deployed: whether the account has it.
        release_digest: release it is of; empty when it carries no tag of ours.
        git_commit: commit of that release; empty likewise.
        edited_by_hand: whether its definition is not the one that was applied.
    """

    environment: str
    named: bool = True
    deployed: bool = False
    release_digest: str = ""
    git_commit: str = ""
    edited_by_hand: bool = False


@dataclass(frozen=True)
class PipelineComparison:
    """A pipeline of a use case in both environments.

    Attributes:
        use_case: name of the use case.
        key: key of the pipeline in the use case.
        before: how it is in the first environment.
        after: how it is in the second.
        definition: how the definitions differ; tokens stand for values that are the
            environments' own.
        scripts: code that the definitions use in different versions.
        role: how the roles differ, likewise.
    """

    use_case: str
    key: str
    before: Side
    after: Side
    definition: DefinitionDiff = field(default_factory=DefinitionDiff)
    scripts: tuple[ScriptDiff, ...] = ()
    role: FieldChange | None = None

    @property
    def differs(self) -> bool:
        """Whether the environments run different things; two commits of one digest do not."""
        facts = [(side.deployed, side.release_digest) for side in (self.before, self.after)]
        return facts[0] != facts[1] or bool(self.definition or self.scripts or self.role)

    @property
    def edited(self) -> tuple[str, ...]:
        """The environments in which somebody edited it by hand."""
        return tuple(side.environment for side in (self.before, self.after) if side.edited_by_hand)


@dataclass(frozen=True)
class Comparison:
    """Two environments, compared.

    Attributes:
        before: name of the first environment.
        after: name of the second.
        pipelines: every pipeline that either of them names, by use case and key.
    """

    before: str
    after: str
    pipelines: tuple[PipelineComparison, ...]

    @property
    def differs(self) -> bool:
        """Whether any pipeline differs."""
        return any(pipeline.differs for pipeline in self.pipelines)


_ADAPTER = TypeAdapter(Comparison)


def comparison_document(comparison: Comparison) -> dict[str, object]:
    """Return the comparison as what `json.dumps` takes."""
    document: dict[str, object] = _ADAPTER.dump_python(comparison, mode="json")
    return {**document, "differs": comparison.differs}
