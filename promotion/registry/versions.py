"""Versions of a use case's model, the newest first.

Calls SageMaker ListModelPackages and DescribeModelPackage in the registry account; `sources` gives
what reads the rest.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from promotion.aws.errors import RemoteDenied, RemoteMissing
from promotion.aws.ledger import LedgerItems
from promotion.aws.model_packages import ModelPackage, ModelPackages
from promotion.aws.objects import Objects
from promotion.aws.releases import ReleaseStore
from promotion.aws.session import Accounts, AccountSession
from promotion.config import RegistryEnvironment, load_registry
from promotion.errors import ConfigError, RemoteError
from promotion.handlers.resolve_model import may_serve
from promotion.registry.checks.facts import Demands
from promotion.registry.collect import Sources

APPROVED = "Approved"
REJECTED = "Rejected"
PENDING = "PendingManualApproval"


@dataclass(frozen=True)
class ModelVersion:
    """A version of a model and what its training run recorded.

    Attributes:
        version: number in the group, from 1.
        arn: ARN of the model package.
        status: Approved, Rejected or PendingManualApproval.
        reason: reason of the approval or rejection; empty without one.
        created_at: when it was registered, aware UTC.
        environment: environment whose train pipeline registered it; empty when not recorded.
        auc: ROC AUC on the test part; None when not recorded.
        auc_low: lower end of its 95 % interval; None when not recorded.
        auc_high: upper end of its 95 % interval; None when not recorded.
        git_commit: commit of the release that trained it; empty when not recorded.
        release_digest: digest of that release; empty when not recorded.
        drifted_batch_uri: batch whose drift started the training; empty when none did.
        stage: stage of its life; empty before a decision.
    """

    version: int
    arn: str
    status: str
    reason: str
    created_at: datetime
    environment: str
    auc: float | None
    auc_low: float | None
    auc_high: float | None
    git_commit: str
    release_digest: str
    drifted_batch_uri: str
    stage: str = ""

    @property
    def serves(self) -> bool:
        """Whether it may serve, as `promotion.handlers.resolve_model` decides."""
        return may_serve(self.status, self.stage)


def model_version(package: ModelPackage) -> ModelVersion:
    """Return a model package as a version of ours."""
    facts = package.metadata
    drifted = facts.get("drifted_batch_uri", "")
    return ModelVersion(
        version=package.version,
        arn=package.arn,
        status=package.approval_status,
        reason=package.approval_description,
        created_at=package.created_at.astimezone(UTC),
        environment=facts.get("environment", ""),
        auc=_number(facts, "auc"),
        auc_low=_number(facts, "auc_low"),
        auc_high=_number(facts, "auc_high"),
        git_commit=facts.get("git_commit", ""),
        release_digest=facts.get("release_digest", ""),
        drifted_batch_uri="" if drifted == "none" else drifted,
        stage=package.life_cycle.stage,
    )


def in_service(versions: tuple[ModelVersion, ...]) -> ModelVersion | None:
    """Return the version that inference serves: the newest approved, not retired one, or None."""
    return max(
        (version for version in versions if version.serves),
        key=lambda version: version.version,
        default=None,
    )


@dataclass(frozen=True)
class Registry:
    """The registry account, opened.

    Attributes:
        environment: its environment.
        packages: gateway to the model packages.
        session: the account's session.
        person_arn: whom AWS takes the process for, before any role.
    """

    environment: RegistryEnvironment
    packages: ModelPackages
    session: AccountSession
    person_arn: str

    @property
    def caller_arn(self) -> str:
        """Whom AWS takes the caller for there."""
        return self.session.caller_arn

    def sources(self) -> Sources:
        """Return what reads the files of versions, the release store and the ledger."""
        session, account_id = self.session, self.environment.account_id
        bucket, table = self.environment.buckets.artifacts, self.environment.ledger.table
        return Sources(
            objects=Objects(session.s3, account_id),
            items=LedgerItems(session.dynamodb, account_id, table),
            store=ReleaseStore(session.s3, account_id, bucket),
            environments=tuple(sorted(self.environment.linked_accounts)),
        )

    def demands(self, use_case: str) -> Demands:
        """Return what the registry demands of a use case's versions.

        Raises:
            ConfigError: the registry has no such use case.
        """
        self.group(use_case)
        stated = self.environment.use_cases[use_case].approval
        return Demands(stated.minimum, stated.maximum, stated.margin)

    def find(self, use_case: str, number: int) -> tuple[ModelVersion, tuple[ModelVersion, ...]]:
        """Return a version, and all versions, the newest first.

        Raises:
            ConfigError: the registry has no such use case.
            RemoteError: there is no such version, or AWS fails.
        """
        versions = self.versions(use_case)
        found = next((version for version in versions if version.version == number), None)
        if found is None:
            known = ", ".join(str(version.version) for version in reversed(versions))
            raise RemoteError(
                f"use case {use_case} has no model version {number}",
                account_id=self.environment.account_id,
                resource=self.group(use_case),
                hint=f"it has: {known or 'none yet'}; promote models list {use_case} shows them",
            )
        return found, versions

    def group(self, use_case: str) -> str:
        """Return the name of a use case's group.

        Raises:
            ConfigError: the registry has no such use case.
        """
        found = self.environment.use_cases.get(use_case)
        if found is None:
            raise ConfigError(
                f"the registry has no use case {use_case}",
                hint=f"it has: {', '.join(sorted(self.environment.use_cases)) or 'none'}",
            )
        return found.model_package_group

    def versions(self, use_case: str) -> tuple[ModelVersion, ...]:
        """Return all versions of a use case's model, the newest first.

        Raises:
            ConfigError: the registry has no such use case.
            RemoteError: the group does not exist, or AWS fails.
        """
        group = self.group(use_case)
        try:
            return tuple(model_version(package) for package in self.packages.versions(group))
        except RemoteMissing as error:
            raise RemoteError(
                f"the registry account {self.environment.account_id} has no model package group "
                f"{group}",
                account_id=self.environment.account_id,
                operation=error.operation,
                resource=group,
                hint="apply the registry's Terraform: promote plan registry",
            ) from error


def open_registry(root: Path, accounts: Accounts, *, to_approve: bool) -> Registry:
    """Open the registry account.

    Args:
        root: top folder of the project.
        accounts: opens sessions.
        to_approve: whether to act as the approver; else the plan role is tried first.

    Raises:
        ConfigError: the registry's environment file is missing or wrong.
        RemoteError: the caller cannot act in the registry account.
    """
    environment = load_registry(root)
    roles = [environment.approver_role_arn]
    if not to_approve:
        roles.insert(0, environment.plan_role_arn)
    try:
        session = accounts.open(environment, *roles)
    except RemoteDenied as error:
        if to_approve:
            error.hint = f"only approvers may: {', '.join(environment.approvers)}"
        raise
    return Registry(
        environment=environment,
        packages=ModelPackages(session.sagemaker, session.account_id),
        session=session,
        person_arn=accounts.caller(environment.region).arn,
    )


def _number(facts: Mapping[str, str], key: str) -> float | None:
    try:
        return float(facts[key])
    except (KeyError, ValueError):
        return None
