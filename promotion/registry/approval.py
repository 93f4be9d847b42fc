"""Approves or rejects a model version, with the reason and the person in its description.

`decide` mutates with SageMaker UpdateModelPackage; `prepare_decision` mutates nothing.
"""

from dataclasses import dataclass

from promotion.aws.errors import RemoteDenied
from promotion.aws.model_packages import ApprovalStatus
from promotion.errors import ConfigError, RemoteError
from promotion.registry.versions import ModelVersion, Registry

# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateModelPackage.html
_DESCRIPTION_LIMIT = 1024


@dataclass(frozen=True)
class Decision:
    """A decision that can be written.

    Attributes:
        use_case: use case of the model.
        version: the version as it is.
        status: what it becomes.
        description: reason and person.
        needed: whether the version has another status now.
    """

    use_case: str
    version: ModelVersion
    status: ApprovalStatus
    description: str
    needed: bool

    def __str__(self) -> str:
        """Return the decision in words."""
        return (
            f"{self.use_case} version {self.version.version}: {self.version.status} → {self.status}"
        )


def prepare_decision(
    registry: Registry, use_case: str, number: int, status: ApprovalStatus, reason: str
) -> Decision:
    """Look up the version and word the decision.

    Args:
        registry: the registry, opened to approve.
        use_case: use case of the model.
        number: number of the version.
        status: what it shall become.
        reason: why; at least one character.

    Raises:
        ConfigError: the reason is empty or too long, or the registry has no such use case.
        RemoteError: there is no such version, or AWS fails.
    """
    description = f"{reason.strip()} [{registry.person_arn}]"
    if not reason.strip() or len(description) > _DESCRIPTION_LIMIT:
        raise ConfigError(
            f"the reason has {len(reason.strip())} characters; with the person's ARN at most "
            f"{_DESCRIPTION_LIMIT} fit",
            hint="say in a sentence why: --reason TEXT",
        )
    versions = registry.versions(use_case)
    found = next((version for version in versions if version.version == number), None)
    if found is None:
        known = ", ".join(str(version.version) for version in reversed(versions))
        raise RemoteError(
            f"use case {use_case} has no model version {number}",
            account_id=registry.environment.account_id,
            resource=registry.group(use_case),
            hint=f"it has: {known or 'none yet'}; promote models list {use_case} shows them",
        )
    return Decision(use_case, found, status, description, needed=found.status != status)


def decide(registry: Registry, decision: Decision) -> None:
    """Write a decision, unless the version already has its status. Mutates the registry account.

    Raises:
        RemoteError: the caller may not approve, or AWS fails.
    """
    if not decision.needed:
        return
    try:
        registry.packages.set_approval(decision.version.arn, decision.status, decision.description)
    except RemoteDenied as error:
        raise RemoteDenied(
            f"{registry.caller_arn} may not change the approval of {decision.version.arn}",
            account_id=error.account_id,
            operation=error.operation,
            resource=error.resource,
            problems=[error.message],
            hint=f"ask one of the approvers: {', '.join(registry.environment.approvers)}",
        ) from error
