"""The status as data. Reads, writes and calls nothing."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import TypeAdapter


class Drift(StrEnum):
    """Whether a pipeline is what was applied.

    Unlike its release: the definition is as it was applied, but its release resolves to another
    one here, because the environment's file has changed since. Unknown: not deployed, not ours.
    """

    NONE = "no"
    EDITED = "edited by hand"
    UNLIKE_RELEASE = "unlike its release"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class PipelineStatus:
    """A pipeline of a use case in an environment.

    Attributes:
        key: key in the use case.
        name: name in the account.
        deployed: whether the account has it.
        release_digest: release it is of; empty when it carries no tag of ours.
        git_commit: commit of that release; empty likewise.
        last_modified_at: when it was last written by anybody, aware; None when not deployed.
        applied_at: when promote wrote it last, aware; None where that is not known, because
            somebody else has written it since.
        edited_by_hand: whether its definition or role is not the one that was applied.
        drift: whether it is what was applied.
        last_execution_status: status of the last execution; empty when there was none.
        last_execution_arn: ARN of the last execution; empty likewise.
        last_execution_at: when it was started, aware; None likewise.
    """

    key: str
    name: str
    deployed: bool = False
    release_digest: str = ""
    git_commit: str = ""
    last_modified_at: datetime | None = None
    applied_at: datetime | None = None
    edited_by_hand: bool = False
    drift: Drift = Drift.UNKNOWN
    last_execution_status: str = ""
    last_execution_arn: str = ""
    last_execution_at: datetime | None = None


@dataclass(frozen=True)
class UseCaseStatus:
    """A use case in one environment.

    Attributes:
        use_case: name of the use case.
        environment: name of the environment.
        account_id: its account.
        pipelines: its pipelines by key; empty when the account cannot be asked.
        model_known: whether the registry could be asked.
        model_in_service: newest approved version of the model; None when there is none, or the
            registry cannot be asked.
        pending_approvals: versions that wait for an approval, ascending.
        problems: why parts of the status are missing.
    """

    use_case: str
    environment: str
    account_id: str
    pipelines: tuple[PipelineStatus, ...] = ()
    model_known: bool = True
    model_in_service: int | None = None
    pending_approvals: tuple[int, ...] = ()
    problems: tuple[str, ...] = ()


def drifted(status: UseCaseStatus) -> bool:
    """Return whether a pipeline of it is not what was applied."""
    return any(
        pipeline.drift in {Drift.EDITED, Drift.UNLIKE_RELEASE} for pipeline in status.pipelines
    )


_ADAPTER = TypeAdapter(tuple[UseCaseStatus, ...])


def status_document(statuses: tuple[UseCaseStatus, ...]) -> dict[str, object]:
    """Return the status as what `json.dumps` takes."""
    return {"statuses": _ADAPTER.dump_python(statuses, mode="json")}
