"""What an event about a model package means for the ledger: who decided what about which version.

The event "SageMaker Model Package State Change" names the package and its approval status, not who
set it: https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html
The person is DescribeModelPackage's LastModifiedBy (CreatedBy for a version that nobody has changed
since). SageMaker fills it for IAM identities and Studio profiles, and may leave it out; then the
record's actor stays empty rather than name somebody else.

An event is a hint, the package is the proof: when the package has another status than the event
says, or is gone, nothing is written. What it was changed to comes with an event of its own.

The same event comes for other changes too, and more than once for one change: a status that the
ledger already has as the version's last one is no decision. An entry that names nobody does not
keep a later one out that does. Calls sagemaker DescribeModelPackage.
Standard library, boto3 and `promotion.ledger` only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict

from botocore.exceptions import ClientError

from promotion.handlers.ledger_table import LedgerTable, Written
from promotion.handlers.resolve_model import RETIRED, is_retired
from promotion.ledger.chain import Receipt
from promotion.ledger.check import RecordRefused, fits, record_from
from promotion.ledger.moments import timestamp
from promotion.ledger.record import Record

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

SOURCE = "aws.sagemaker"
DETAIL_TYPE = "SageMaker Model Package State Change"
PENDING = "PendingManualApproval"
# Starts of tokens: of decisions with a name, and of those that SageMaker names nobody for.
NAMED, UNNAMED = "decision", "unnamed-decision"
KINDS = {
    "Approved": "approval",
    "Rejected": "rejection",
    RETIRED: "retirement",
    PENDING: "reopening",
}
RELEASE = ("release_digest", "git_commit")
NOTED = (
    "environment",
    "pipeline_execution_id",
    "dataset_sha256",
    "artifact_sha256",
    "auc",
    "champion_model_package_arn",
    "drifted_batch_uri",
)


class NotDecided(TypedDict):
    """Why nothing was recorded."""

    skipped: str


@dataclass(frozen=True)
class Decisions:
    """Records decisions about model versions.

    Attributes:
        environment: name of the registry's environment.
        use_cases: use case of each model package group, by the group's name.
    """

    environment: str
    use_cases: Mapping[str, str]

    def record(
        self, event: Mapping[str, Any], table: LedgerTable, sagemaker: "SageMakerClient"
    ) -> Written | NotDecided:
        """Write down the decision that the event tells of, unless there is none.

        Raises:
            RecordRefused: the event lacks what such an event has, or tells of another group.
            ClientError: SageMaker or DynamoDB fails.
        """
        detail = event.get("detail") or {}
        arn, status = detail.get("ModelPackageArn"), detail.get("ModelApprovalStatus")
        use_case = self.use_cases.get(str(detail.get("ModelPackageGroupName")))
        if not arn or status not in KINDS or use_case is None:
            raise RecordRefused(
                f"the event of {arn!r} with approval status {status!r} is about none of the groups "
                f"{', '.join(sorted(self.use_cases))}"
            )
        package = current(arn, sagemaker)
        found = package.get("ModelApprovalStatus", "gone")
        if found != status:
            return NotDecided(skipped=f"{arn} is {found}: that it was {status} cannot be proved")
        # Whatever its approval, a retired version does not serve: that is what was decided.
        state = RETIRED if is_retired(package) and status != PENDING else status
        actor, at = _changed_by(package), _changed_at(package)
        token = f"{NAMED if actor else UNNAMED}/{arn}/{at}/{state}"
        before = _newest(arn, f"{at}/{state}", table)
        if before is not None and before.token.rpartition("/")[2] == state:
            # The same unnamed decision again says nothing; with a name it says who.
            if before.token.startswith(f"{NAMED}/") or not actor:
                return NotDecided(skipped=f"{arn} is {state} since entry {before.sequence}")
        kind = "registration" if before is None and status == PENDING else KINDS[state]
        fact = self._record(arn, package, kind=kind, at=at, use_case=use_case, status=status)
        return table.append(fact, token)

    def _record(
        self,
        arn: str,
        package: Mapping[str, Any],
        *,
        kind: str,
        at: str,
        use_case: str,
        status: str,
    ) -> Record:
        facts: Mapping[str, str] = package.get("CustomerMetadataProperties") or {}
        # Who registers a version chooses its metadata: what has not the form is told, not refused.
        release = {name: facts[name] for name in RELEASE if fits(name, facts.get(name))}
        details = {name: facts[name] for name in (*NOTED, *RELEASE) if name in facts}
        details.update(_life_cycle(package))
        return record_from(
            {
                "kind": kind,
                "at": at,
                "actor": _changed_by(package),
                "account_id": arn.split(":")[4],
                "environment": self.environment,
                "use_case": use_case,
                **release,
                "model_package_arn": arn,
                "reason": package.get("ApprovalDescription") or "",
                "outcome": status,
                "details": {name: value for name, value in details.items() if name not in release},
            }
        )


def current(arn: str, sagemaker: "SageMakerClient") -> dict[str, Any]:
    """Return the package as it is now; empty when there is none any more.

    Raises:
        ClientError: SageMaker fails.
    """
    try:
        return dict(sagemaker.describe_model_package(ModelPackageName=arn))
    except ClientError as error:
        if error.response["Error"]["Code"] in {"ValidationException", "ResourceNotFound"}:
            return {}
        raise


def _newest(arn: str, last: str, table: LedgerTable) -> Receipt | None:
    """Return the version's last decision up to a moment, with a name or without."""
    found = (
        table.newest_receipt(f"{start}/{arn}/", f"{start}/{arn}/{last}")
        for start in (NAMED, UNNAMED)
    )
    receipts = [receipt for receipt in found if receipt is not None]
    return max(receipts, key=lambda receipt: receipt.sequence, default=None)


def _life_cycle(package: Mapping[str, Any]) -> dict[str, str]:
    """Return the stage of its life, and what `promote` says there: overrides, what serves."""
    found: Mapping[str, str] = package.get("ModelLifeCycle") or {}
    names = {
        "stage": "Stage",
        "stage_status": "StageStatus",
        "stage_description": "StageDescription",
    }
    return {name: found[key] for name, key in names.items() if found.get(key)}


def _changed_at(package: Mapping[str, Any]) -> str:
    return timestamp(package.get("LastModifiedTime") or package["CreationTime"])


def _changed_by(package: Mapping[str, Any]) -> str:
    name = "LastModifiedBy" if package.get("LastModifiedTime") else "CreatedBy"
    who: Mapping[str, Any] = package.get(name) or {}
    return str((who.get("IamIdentity") or {}).get("Arn") or who.get("UserProfileArn") or "")
