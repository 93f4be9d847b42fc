"""What is known of releases outside of the account that is planned.

Under the registry's plan role: S3 (see `promotion.aws.releases`), DynamoDB Query, SageMaker
ListModelPackages. Under tooling's plan role: KMS GetPublicKey. Sessions are opened when something
is asked for. Mutates nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from promotion.aws.errors import RemoteDenied, RemoteMissing
from promotion.aws.session import Accounts, AccountSession
from promotion.config import (
    RegistryEnvironment,
    WorkloadEnvironment,
    load_environment,
    load_environments,
    load_registry,
)

if TYPE_CHECKING:
    # Imported where they are used: a plan without changes asks nothing of releases.
    from promotion.aws.releases import ReleaseStore
    from promotion.history.stage import Ledger
    from promotion.provenance import Expected, Provenance
    from promotion.releases.ledger import Run, Runs
    from promotion.releases.model import Withdrawal


class ReleaseRecords:
    """Answers what is known of releases.

    Args:
        root: top folder of the project.
        accounts: opens sessions.
    """

    def __init__(self, root: Path, accounts: Accounts) -> None:
        """Keep what is given; nothing is called yet."""
        self._root = root
        self._accounts = accounts

    @cached_property
    def registry(self) -> RegistryEnvironment:
        """The registry's environment."""
        return load_registry(self._root)

    @cached_property
    def workloads(self) -> tuple[WorkloadEnvironment, ...]:
        """The environments that run pipelines, by name."""
        found = load_environments(self._root).values()
        return tuple(each for each in found if isinstance(each, WorkloadEnvironment))

    @cached_property
    def store(self) -> "ReleaseStore":
        """The published releases."""
        from promotion.aws.releases import ReleaseStore

        bucket = self.registry.buckets.artifacts
        return ReleaseStore(self._session.s3, self._session.account_id, bucket)

    @cached_property
    def ledger(self) -> "Ledger":
        """The ledger."""
        from promotion.aws.ledger import LedgerItems
        from promotion.history.stage import Ledger

        items = LedgerItems(
            self._session.dynamodb, self._session.account_id, self.registry.ledger.table
        )
        return Ledger(self.registry, items, self._session.caller_arn)

    @cached_property
    def public_key(self) -> bytes:
        """The public key of the release signing key (DER SubjectPublicKeyInfo).

        Raises:
            RemoteMissing: there is no key yet.
            RemoteDenied: the caller may not read it.
        """
        from promotion.aws.signing import KmsSigner

        tooling = load_environment(self._root, "tooling")
        session = self._accounts.open(tooling, tooling.plan_role_arn)
        with _bootstrapped("tooling"):
            key = KmsSigner(session.kms, session.account_id, tooling.signing_key_arn)
            return key.public_key()

    def expected(self, use_case: str, digest: str) -> "Expected":
        """Return what a release has to be to be trusted."""
        from promotion.provenance import Expected

        return Expected(use_case, digest, self.registry.build_role_arn, self.public_key)

    def provenance(self, use_case: str, digest: str, archive: bytes) -> "Provenance":
        """Return what is proved of a release.

        Args:
            use_case: its use case.
            digest: its digest, 64 hex digits.
            archive: its archive, wherever that comes from.

        Raises:
            ProvenanceError: it is not published, unsigned, altered, or of another builder.
            RemoteError: store or key cannot be read.
        """
        from promotion.provenance import verify

        with _bootstrapped("registry"):
            envelope = self.store.envelope(use_case, digest)
        return verify(envelope, archive, self.expected(use_case, digest))

    def stored_provenance(self, use_case: str, digest: str) -> "Provenance":
        """Return what is proved of the archive in the store, by the checksum that S3 keeps.

        Raises:
            ProvenanceError: as `provenance`.
            RemoteError: as `provenance`.
        """
        from promotion.provenance import verify_digest

        with _bootstrapped("registry"):
            envelope = self.store.envelope(use_case, digest)
            found = self.store.archive_sha256(use_case, digest) or ""
        return verify_digest(envelope, found, self.expected(use_case, digest))

    def withdrawal(self, use_case: str, digest: str) -> "Withdrawal | None":
        """Return the withdrawal of a release, or None.

        Raises:
            RemoteError: the ledger cannot be read.
        """
        from promotion.releases.ledger import withdrawal_of

        names = [environment.environment for environment in self.workloads]
        with _bootstrapped("registry"):
            return withdrawal_of(self.ledger, names, use_case, digest)

    def has_run(self, run: "Run") -> bool:
        """Return whether a pipeline of a release succeeded in an environment.

        Raises:
            RemoteError: the ledger cannot be read.
        """
        with _bootstrapped("registry"):
            return self._runs.has(run)

    def model_approved(self, use_case: str) -> bool:
        """Return whether a use case's model package group has an approved version."""
        from promotion.aws.model_packages import ModelPackages

        known = self.registry.use_cases.get(use_case)
        packages = ModelPackages(self._session.sagemaker, self._session.account_id)
        return known is not None and packages.has_approved(known.model_package_group)

    @cached_property
    def _runs(self) -> "Runs":
        from promotion.releases.ledger import Runs

        return Runs(self.ledger.backwards())

    @cached_property
    def _session(self) -> AccountSession:
        return self._accounts.open(self.registry, self.registry.plan_role_arn)


@contextmanager
def _bootstrapped(environment: str) -> Iterator[None]:
    """Say what to do where an account has not what this version of promote needs."""
    try:
        yield
    except (RemoteDenied, RemoteMissing) as error:
        error.hint = (
            f"an administrator of the account runs `promote bootstrap {environment}`, which gives "
            "the plan role what it reads of releases and of the ledger"
        )
        raise
