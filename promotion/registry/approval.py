"""Decides on a model version: approves, rejects or retires it, or rolls back to the one before.

A decision carries the reason and the person in the version's description, and the stage of its life
in its life cycle; the registry's own events take it to the ledger. `decide` mutates with SageMaker
UpdateModelPackage; the other functions mutate nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from promotion.aws.errors import RemoteDenied, RemoteMissing
from promotion.aws.model_packages import ApprovalStatus, LifeCycle, ModelPackage
from promotion.errors import ConfigError, GateRefused, RemoteError
from promotion.handlers.resolve_model import RETIRED
from promotion.registry.checks import CheckResult, override, refusals
from promotion.registry.examine import Examination
from promotion.registry.versions import APPROVED, REJECTED, ModelVersion, Registry, in_service
from promotion.registry.wording import overrides_worded

# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateModelPackage.html
_LIMIT = 1024
SERVING_STAGE, REJECTED_STAGE = "Serving", "Rejected"
ROLLED_BACK = "RolledBack"


@dataclass(frozen=True)
class Decision:
    """A decision that can be written.

    Attributes:
        use_case: use case of the model.
        version: the version as it was when the decision was prepared.
        status: what it becomes.
        life_cycle: stage that it goes to.
        description: reason and person.
        needed: whether it is anything else now.
        serving: version in service once the decision is written; None when there is none.
    """

    use_case: str
    version: ModelVersion
    status: ApprovalStatus
    life_cycle: LifeCycle
    description: str
    needed: bool
    serving: ModelVersion | None

    def __str__(self) -> str:
        """Return the decision in words."""
        name = f"{self.use_case} version {self.version.version}"
        retired = ", retired" if self.life_cycle.stage == RETIRED else ""
        return f"{name}: {self.version.status} → {self.status}{retired}"

    @property
    def outlook(self) -> str:
        """What serves once it is written."""
        if self.serving is None:
            return f"no version of {self.use_case} serves: inference fails until one is approved"
        return f"version {self.serving.version} serves from the next inference run on"


def approval(
    registry: Registry, examined: Examination, reason: str, overrides: Mapping[str, str]
) -> tuple[Decision, tuple[CheckResult, ...]]:
    """Word the approval of a version, and mark the refusals that the approver answers for.

    Args:
        registry: the registry, opened to approve.
        examined: the version, examined.
        reason: why; at least one character.
        overrides: reason by check.

    Raises:
        ConfigError: the reason is empty or too long, or the overrides are too long.
    """
    results = override(examined.results, overrides)
    words = overrides_worded(results)
    if len(words) > _LIMIT:
        raise ConfigError(
            f"the overrides have {len(words)} characters; at most {_LIMIT} fit",
            hint="say each reason in a sentence",
        )
    version = examined.version
    decision = Decision(
        use_case=examined.use_case,
        version=version,
        status="Approved",
        life_cycle=LifeCycle(SERVING_STAGE, "Approved", words),
        description=_described(registry, reason),
        needed=not version.serves,
        serving=max((version, examined.serving or version), key=lambda each: each.version),
    )
    return decision, results


def refuse(decision: Decision, results: tuple[CheckResult, ...]) -> None:
    """Refuse an approval that a check refuses.

    Raises:
        GateRefused: names each check that refuses.
    """
    found = refusals(results)
    if found:
        raise GateRefused(
            f"the approval of {decision.use_case} version {decision.version.version} is refused; "
            "nothing was changed",
            problems=[f"{each.check}: {each.message}" for each in found],
            hint="; ".join(dict.fromkeys(each.hint for each in found))
            + "; or answer for it: --override CHECK=REASON",
        )


def rejection(registry: Registry, use_case: str, number: int, reason: str) -> Decision:
    """Word the rejection of a version.

    Raises:
        ConfigError: the reason is empty or too long, or the registry has no such use case.
        RemoteError: there is no such version, or AWS fails.
    """
    description = _described(registry, reason)
    version, versions = registry.find(use_case, number)
    return Decision(
        use_case=use_case,
        version=version,
        status="Rejected",
        life_cycle=LifeCycle(REJECTED_STAGE, "Rejected"),
        description=description,
        needed=version.status != REJECTED,
        serving=_without(versions, version),
    )


def retirement(registry: Registry, use_case: str, number: int, reason: str) -> Decision:
    """Word the retirement of an approved version.

    Raises:
        ConfigError: the reason is empty or too long, or the registry has no such use case.
        RemoteError: there is no such version, it was never approved, or AWS fails.
    """
    description = _described(registry, reason)
    version, versions = registry.find(use_case, number)
    if version.status != APPROVED and version.stage != RETIRED:
        raise RemoteError(
            f"{use_case} version {number} is {version.status}: only an approved one can be retired",
            account_id=registry.environment.account_id,
            resource=version.arn,
            hint=f"reject it instead: promote models reject {use_case} {number} --reason TEXT",
        )
    return _retired(use_case, version, versions, description, "Retired")


def rolling_back(registry: Registry, use_case: str, reason: str) -> Decision:
    """Word the retirement of the version in service, so that the approved one before it serves.

    Raises:
        ConfigError: the reason is empty or too long, or the registry has no such use case.
        RemoteError: no version is in service, none was before it, or AWS fails.
    """
    description = _described(registry, reason)
    versions = registry.versions(use_case)
    serving = in_service(versions)
    decision = _retired(use_case, serving, versions, description, ROLLED_BACK) if serving else None
    if decision is None or decision.serving is None:
        what = "no version is in service"
        if serving:
            what = f"version {serving.version} is the only one that can serve"
        raise RemoteError(
            f"{use_case} cannot be rolled back: {what}",
            account_id=registry.environment.account_id,
            resource=registry.group(use_case),
            hint="approve another version first, or retire this one: inference then fails until "
            f"one is approved; promote models list {use_case} shows them",
        )
    return decision


def decide(registry: Registry, decision: Decision) -> None:
    """Write a decision, unless it is not needed. Mutates the registry account.

    SageMaker takes no condition with the write: whoever decides at the same moment is seen by
    reading the version just before and just after it.

    Raises:
        RemoteError: somebody else decided meanwhile, the version was deleted, the caller may not
            approve, or AWS fails.
    """
    if not decision.needed:
        return
    arn = decision.version.arn
    try:
        _unchanged(decision, registry.packages.describe(arn))
        registry.packages.set_approval(
            arn, decision.status, decision.description, decision.life_cycle
        )
        _ours(decision, registry.packages.describe(arn))
    except RemoteMissing as error:
        raise RemoteError(
            f"{arn} was deleted in the meantime: nothing was decided",
            account_id=error.account_id,
            operation=error.operation,
            resource=arn,
            hint=f"promote models list {decision.use_case} shows the versions that there are",
        ) from error
    except RemoteDenied as error:
        raise RemoteDenied(
            f"{registry.caller_arn} may not change the approval of {arn}",
            account_id=error.account_id,
            operation=error.operation,
            resource=error.resource,
            problems=[error.message],
            hint=f"ask one of the approvers: {', '.join(registry.environment.approvers)}",
        ) from error


def _unchanged(decision: Decision, now: ModelPackage) -> None:
    seen = decision.version
    if (now.approval_status, now.approval_description) == (seen.status, seen.reason):
        return
    raise _taken(decision, now, "was decided on by somebody else meanwhile: nothing was changed")


def _ours(decision: Decision, now: ModelPackage) -> None:
    if (now.approval_status, now.approval_description) != (decision.status, decision.description):
        raise _taken(decision, now, "was decided on by somebody else at the same moment, and last")


def _taken(decision: Decision, now: ModelPackage, what: str) -> RemoteError:
    reason = f": {now.approval_description}" if now.approval_description else ""
    return RemoteError(
        f"{decision.use_case} version {decision.version.version} {what}; it is "
        f"{now.approval_status} by {now.changed_by or 'somebody whom AWS does not name'}{reason}",
        resource=now.arn,
        hint="talk to each other, then decide again if it is still needed",
    )


def _retired(
    use_case: str,
    version: ModelVersion,
    versions: tuple[ModelVersion, ...],
    description: str,
    status: str,
) -> Decision:
    serving = _without(versions, version)
    told = f"version {serving.version} serves instead" if serving else "no version serves instead"
    return Decision(
        use_case=use_case,
        version=version,
        status="Rejected",
        life_cycle=LifeCycle(RETIRED, status, told),
        description=description,
        needed=version.status == APPROVED,
        serving=serving,
    )


def _without(versions: tuple[ModelVersion, ...], gone: ModelVersion) -> ModelVersion | None:
    return in_service(tuple(version for version in versions if version != gone))


def _described(registry: Registry, reason: str) -> str:
    text = " ".join(reason.split())
    description = f"{text} [{registry.person_arn}]"
    if not text or len(description) > _LIMIT:
        raise ConfigError(
            f"the reason has {len(text)} characters; with the person's ARN at most {_LIMIT} fit",
            hint="say in a sentence why: --reason TEXT",
        )
    return description
