"""Answers what the gates ask.

Reads git's commits, the planned account (IAM GetRole, SageMaker DescribeModelPackageGroup and
ListPipelineExecutions), and what is known of releases (see `promotion.releases.records`). Mutates
nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from promotion.aws.fanout import fan_out
from promotion.aws.roles import role_exists
from promotion.aws.session import AccountSession
from promotion.config import WorkloadEnvironment, load_workload
from promotion.errors import ProvenanceError
from promotion.plan.model import ReleaseReference
from promotion.plan.repository import CommitPlace, commit_place
from promotion.releases.model import Evidence, Withdrawal, demanded_pipelines
from promotion.releases.records import ReleaseRecords


@dataclass(frozen=True)
class AccountLookups:
    """Answers the gates' questions from the accounts and the repository.

    Attributes:
        session: session in the planned account.
        root: top folder of the project.
        archives: path of each planned release's archive, by digest of the release.
        records: what is known of releases.
    """

    session: AccountSession
    root: Path
    archives: Mapping[str, Path]
    records: ReleaseRecords

    def role_exists(self, role_name: str) -> bool:
        """Return whether the account has an IAM role."""
        return role_exists(self.session, role_name)

    def group_exists(self, group_arn: str) -> bool:
        """Return whether a model package group exists and the account may see it."""
        from promotion.aws.model_packages import ModelPackages

        packages = ModelPackages(self.session.sagemaker, self.session.account_id)
        return packages.group_exists(group_arn)

    def commit_place(self, git_commit: str) -> CommitPlace:
        """Return where a commit is in the repository that the plan is made in."""
        return commit_place(self.root, git_commit)

    def running_executions(self, pipeline_name: str) -> tuple[str, ...]:
        """Return the ARNs of a pipeline's executions that have not ended."""
        from promotion.aws.executions import Executions

        return Executions(self.session.sagemaker, self.session.account_id).running(pipeline_name)

    def unproven(self, releases: Sequence[ReleaseReference]) -> dict[str, ProvenanceError]:
        """Return why releases are not proved, by digest; those that are do not stand in it."""
        _ = self.records.store, self.records.public_key  # once, not from several threads
        found = fan_out(self._unproven, releases)
        return {
            release.digest: error
            for release, error in zip(releases, found, strict=True)
            if error is not None
        }

    def withdrawals(self, releases: Sequence[ReleaseReference]) -> dict[str, Withdrawal]:
        """Return the withdrawals of releases, by digest."""
        _ = self.records.ledger  # once, not from several threads
        found = fan_out(
            lambda release: self.records.withdrawal(release.use_case, release.digest), releases
        )
        return {
            release.digest: withdrawal
            for release, withdrawal in zip(releases, found, strict=True)
            if withdrawal is not None
        }

    def evidence(
        self, releases: Sequence[ReleaseReference], environment: str
    ) -> dict[str, Evidence]:
        """Return what releases have shown in an environment, by digest."""
        source = load_workload(self.root, environment)
        return {release.digest: self._evidence(release, source) for release in releases}

    def _unproven(self, release: ReleaseReference) -> ProvenanceError | None:
        archive = self.archives[release.digest].read_bytes()
        try:
            self.records.provenance(release.use_case, release.digest, archive)
        except ProvenanceError as error:
            return error
        return None

    def _evidence(self, release: ReleaseReference, source: WorkloadEnvironment) -> Evidence:
        use_case = source.use_cases.get(release.use_case)
        names = use_case.pipelines if use_case else {}
        approved = self.records.model_approved(release.use_case)
        demanded = demanded_pipelines(names, model_approved=approved)
        missing = (
            key
            for key in demanded
            if not self.records.has_run((source.environment, release.digest, names[key]))
        )
        return Evidence(demanded, tuple(missing))
