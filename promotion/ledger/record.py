"""What the ledger records: one fact, who brought it about, and what it was about.

Reads, writes and calls nothing. Standard library only.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

# What is recorded from the registry's own events, and from nobody's word.
DECISION_KINDS = ("registration", "approval", "rejection", "retirement", "reopening")
STATED_KINDS = (
    "apply",
    "rollback",
    "destroy",
    "execution",
    "retrain",
    "override",
    "withdrawal",
    "unlock",
)
KINDS = DECISION_KINDS + STATED_KINDS


@dataclass(frozen=True)
class DatasetVersion:
    """One S3 object that a run read.

    Attributes:
        uri: S3 URI of the object.
        version_id: version of the object; empty in a bucket without versions.
        etag: entity tag, without quotation marks.
        sha256: SHA-256 as S3 keeps it, in base64; empty where the object was written without one.
        size_bytes: size of the object.
    """

    uri: str
    version_id: str = ""
    etag: str = ""
    sha256: str = ""
    size_bytes: int = 0


@dataclass(frozen=True)
class Record:
    """One fact.

    Attributes:
        kind: one of KINDS.
        at: when it happened, as `timestamp` writes it.
        actor: ARN of who brought it about; empty when AWS does not say.
        account_id: account that it happened in.
        environment: environment of that account.
        use_case: use case that it is about; empty when it is about none.
        release_digest: digest of the release; empty when there is none.
        git_commit: commit of that release; empty when there is none.
        model_package_arn: ARN of the model version; empty when there is none.
        reason: why, in the words of the actor or of AWS; empty when nobody said.
        outcome: how it ended; empty when the kind says it all.
        dataset_versions: what a run read.
        details: anything else, as JSON.
    """

    kind: str
    at: str
    actor: str
    account_id: str
    environment: str
    use_case: str = ""
    release_digest: str = ""
    git_commit: str = ""
    model_package_arn: str = ""
    reason: str = ""
    outcome: str = ""
    dataset_versions: tuple[DatasetVersion, ...] = ()
    details: Mapping[str, Json] = field(default_factory=dict)

    def document(self) -> dict[str, Json]:
        """Return the record as JSON."""
        values = asdict(self)
        values["dataset_versions"] = list(values["dataset_versions"])
        return values


def canonical(value: object) -> str:
    """Return the one text of a JSON value: keys sorted, no blanks, no escapes but JSON's own.

    Numbers are written as Python writes them, which reads each number back as the same value.

    Raises:
        ValueError: a number is infinite or none.
        TypeError: the value is no JSON.
    """
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
