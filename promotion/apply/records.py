"""What an apply states to the ledger, as records with tokens. Reads, writes and calls nothing.

One record for each use case that the plan changes, one for its Terraform where that changes
something, and one for each overridden gate. The token of a success is made of the plan file and the
use case, so that a rerun that finds the work done records it once; an attempt that failed is a fact
of its own, and has the id of its lock in the token.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from promotion.errors import PromotionError
from promotion.ledger.record import Json, Record
from promotion.plan.archive import PlanFile
from promotion.plan.model import Action, Plan, ReleaseReference

# A record may have 128 KB (`promotion.ledger.chain`); what is told stays far below that.
_PIPELINES = 200
_LINES = 50
_LINE_CHARACTERS = 500
_TERRAFORM = "terraform"


@dataclass(frozen=True)
class Statement:
    """A record, and what the account calls it.

    Attributes:
        record: the fact.
        token: two statements of the same fact have the same.
    """

    record: Record
    token: str


@dataclass(frozen=True)
class Told:
    """Who states it, and when.

    Attributes:
        actor: ARN of whoever applies.
        at: the time, as the ledger writes times.
    """

    actor: str
    at: str


def override_statements(file: PlanFile, told: Told) -> tuple[Statement, ...]:
    """Return one statement for each overridden gate; its actor is who overrode it."""
    plan = file.plan
    release = plan.releases[0] if len(plan.releases) == 1 else None
    return tuple(
        Statement(
            Record(
                kind="override",
                at=told.at,
                actor=result.override.asked_by,
                account_id=plan.account_id,
                environment=plan.environment,
                use_case=release.use_case if release else "",
                release_digest=release.digest if release else "",
                git_commit=release.git_commit if release else "",
                reason=result.override.reason,
                details={
                    "plan_digest": file.digest,
                    "gate": result.gate,
                    "refusal": _bounded(result.message),
                    "applied_by": told.actor,
                },
            ),
            f"override/{file.digest}/{result.gate}",
        )
        for result in plan.overridden
        if result.override
    )


def applied_statements(file: PlanFile, told: Told, actions: int) -> tuple[Statement, ...]:
    """Return what there is to say of a plan that was carried out; nothing when it did nothing.

    Args:
        file: the plan file.
        told: who and when.
        actions: how many actions this run took; 0 when it found everything done.
    """
    purpose = file.plan.purpose
    return tuple(
        Statement(
            _record(file, told, subject, "applied", {"actions": actions}),
            f"{purpose}/{_token(file, subject)}",
        )
        for subject in _subjects(file.plan)
    )


def failed_statements(
    file: PlanFile, told: Told, error: PromotionError, attempt: str
) -> tuple[Statement, ...]:
    """Return what there is to say of a plan that failed half-way.

    Args:
        file: the plan file.
        told: who and when.
        error: what failed, and what state remains.
        attempt: id of the attempt.
    """
    further: dict[str, Json] = {"error": _bounded(error.message), "remains": _lines(error.problems)}
    return tuple(
        Statement(
            _record(file, told, subject, "failed", further),
            f"{file.plan.purpose}/{_token(file, subject)}/failed/{attempt}",
        )
        for subject in _subjects(file.plan)
    )


def _subjects(plan: Plan) -> Iterator[ReleaseReference | None]:
    """Yield each release that the plan changes something of, and None for its Terraform."""
    changed = {
        change.use_case for change in plan.pipelines if change.action is not Action.UNCHANGED
    }
    # An upload is of no use case in particular: code is shared by its content.
    uploads = any(not upload.present for upload in plan.code)
    yield from (
        release
        for release in plan.releases
        if release.use_case in changed or (uploads and not changed)
    )
    if plan.terraform and plan.terraform.has_changes:
        yield None


def _token(file: PlanFile, subject: ReleaseReference | None) -> str:
    return f"{file.digest}/{subject.use_case if subject else _TERRAFORM}"


def _record(
    file: PlanFile,
    told: Told,
    subject: ReleaseReference | None,
    outcome: str,
    further: dict[str, Json],
) -> Record:
    plan = file.plan
    about = _release_details(plan, subject) if subject else _terraform_details(plan)
    return Record(
        kind=plan.purpose,
        at=told.at,
        actor=told.actor,
        account_id=plan.account_id,
        environment=plan.environment,
        use_case=subject.use_case if subject else "",
        release_digest=subject.digest if subject else "",
        git_commit=subject.git_commit if subject else "",
        reason=plan.reason,
        outcome=outcome,
        details={
            "plan_digest": file.digest,
            "overrides": [result.gate for result in plan.overridden],
            **about,
            **further,
        },
    )


def _release_details(plan: Plan, release: ReleaseReference) -> dict[str, Json]:
    changes = [change for change in plan.pipelines if change.use_case == release.use_case]
    pipelines: dict[str, Json] = {
        change.name: str(change.action) for change in changes[:_PIPELINES]
    }
    hidden = len(changes) - len(pipelines)
    return {"pipelines": pipelines, **({"pipelines_not_told": hidden} if hidden else {})}


def _terraform_details(plan: Plan) -> dict[str, Json]:
    terraform = plan.terraform
    if terraform is None:
        return {}
    state = terraform.state
    return {
        "terraform": terraform.sentence,
        "resources": _lines([f"{each.action} {each.address}" for each in terraform.changes]),
        "planned_from_serial": state.serial if state else 0,
    }


def _lines(lines: Sequence[str]) -> list[Json]:
    told: list[Json] = [_bounded(line) for line in lines[:_LINES]]
    hidden = len(lines) - len(told)
    return [*told, *([f"… and {hidden} more"] if hidden else [])]


def _bounded(text: str) -> str:
    return text if len(text) <= _LINE_CHARACTERS else f"{text[: _LINE_CHARACTERS - 1]}…"
