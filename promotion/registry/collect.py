"""Collects what the checks look at, for one version.

Calls S3 HeadObject and GetObject on the version's files, S3 ListObjectsV2 on the release store, and
DynamoDB Query on the ledger, in the registry account. Mutates nothing.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from promotion.aws.errors import RemoteDenied, RemoteMissing
from promotion.aws.ledger import LedgerItems
from promotion.aws.model_packages import ModelPackage
from promotion.aws.objects import Objects
from promotion.aws.releases import ReleaseStore
from promotion.errors import RemoteError
from promotion.ledger.chain import Entry
from promotion.ledger.check import record_from
from promotion.ledger.moments import timestamp
from promotion.ledger.record import Record
from promotion.registry.checks.facts import Artifact, Demands, Facts, Release, TrainingRun
from promotion.registry.reports import comparison_of, document, metrics_of
from promotion.releases.model import withdrawal_token

# What training records of the version beside its files.
ARTIFACT_SHA256, COMPARISON_URI = "artifact_sha256", "comparison_uri"


@dataclass(frozen=True)
class Sources:
    """Where the facts come from.

    Attributes:
        objects: reads S3 objects.
        items: the ledger's table.
        store: the published releases.
        environments: names of the environments that may have withdrawn a release.
    """

    objects: Objects
    items: LedgerItems
    store: ReleaseStore
    environments: tuple[str, ...]

    def report(self, uri: str) -> bytes | None:
        """Return the content of an object; None when it is missing or may not be read."""
        try:
            return self.objects.read(*_place(uri)) if _is_object(uri) else None
        except (RemoteMissing, RemoteDenied):
            return None

    def exists(self, uri: str) -> bool:
        """Return whether an object is there and may be read."""
        return bool(self.etag(uri))

    def etag(self, uri: str) -> str:
        """Return the ETag of an object; empty when it is missing or may not be read."""
        try:
            return (self.objects.etag(*_place(uri)) or "") if _is_object(uri) else ""
        except RemoteDenied:
            # So S3 answers for a missing object where the caller may not list the bucket.
            return ""


def collect_facts(
    package: ModelPackage,
    sources: Sources,
    *,
    use_case: str,
    demands: Demands,
    deciders: tuple[str, ...],
    serving_arn: str,
) -> Facts:
    """Return what is known of a version that somebody wants to serve.

    Args:
        package: the version.
        sources: where the facts come from.
        use_case: its use case.
        demands: what it must fulfil.
        deciders: ARNs of who decides.
        serving_arn: version in service; empty when there is none.

    Raises:
        RemoteError: store or ledger cannot be read, or S3 fails.
    """
    files = package.files
    baseline = {"statistics": files.statistics_uri, "constraints": files.constraints_uri}
    return Facts(
        arn=package.arn,
        demands=demands,
        metrics=metrics_of(document(sources.report(files.evaluation_uri))),
        artifact=_artifact(package, sources),
        baseline={part: (uri, sources.exists(uri)) for part, uri in baseline.items()},
        release=_release(package, sources, use_case),
        training=training_run(package, sources.items),
        deciders=deciders,
        serving_arn=serving_arn,
        comparison=comparison_of(
            document(sources.report(package.metadata.get(COMPARISON_URI, "")))
        ),
    )


def training_run(package: ModelPackage, items: LedgerItems) -> TrainingRun | None:
    """Return the run that registered a version, by the ledger; None while it has none.

    The ledger is read backwards to the moment of the registration: the run ended after it.

    Raises:
        RemoteError: the ledger cannot be read.
    """
    registered_at = timestamp(package.created_at)
    for entry in items.entries(newest_first=True):
        recorded_at, record = _read(entry)
        if recorded_at < registered_at:
            return None
        if _registered(record, package):
            return _run(record)
    return None


def last_decision(arn: str, items: LedgerItems, kinds: Collection[str]) -> str:
    """Return the kind of a version's newest record among some kinds; empty while it has none.

    Raises:
        RemoteError: the ledger cannot be read.
    """
    for entry in items.entries(newest_first=True):
        record = _read(entry)[1]
        if record.model_package_arn == arn and record.kind in kinds:
            return record.kind
    return ""


def _registered(record: Record, package: ModelPackage) -> bool:
    """Return whether a record is of the run that registered a version.

    Runs of inference name the version too. An account states only what happened in itself:
    another's word about the run is none.
    """
    run = str(record.details.get("execution_arn", "")).rpartition("/")[2]
    return (record.kind, record.model_package_arn, record.environment, run) == (
        "execution",
        package.arn,
        package.metadata.get("environment"),
        package.metadata.get("pipeline_execution_id"),
    )


def _run(record: Record) -> TrainingRun:
    return TrainingRun(
        started_by=record.actor,
        execution_arn=str(record.details.get("execution_arn", "")),
        release_digest=record.release_digest,
        datasets=tuple((each.uri, each.version_id) for each in record.dataset_versions),
    )


def _artifact(package: ModelPackage, sources: Sources) -> Artifact:
    uri = package.files.model_data_uri
    etag, recorded = sources.etag(uri), package.metadata.get(ARTIFACT_SHA256, "")
    # Reading the whole archive is worth it only where there is something to hold it against.
    sha256 = (sources.objects.sha256(*_place(uri)) or "") if etag and recorded else ""
    return Artifact(
        uri=uri,
        exists=bool(etag),
        etag=etag,
        sha256=sha256,
        recorded_etag=package.files.model_data_etag,
        recorded_sha256=recorded,
    )


def _release(package: ModelPackage, sources: Sources, use_case: str) -> Release:
    digest = package.metadata.get("release_digest", "")
    if not digest:
        return Release()
    return Release(
        digest=digest,
        published=any(each.digest == digest for each in sources.store.digests(use_case, digest)),
        withdrawal=_withdrawal(sources, use_case, digest),
    )


def _withdrawal(sources: Sources, use_case: str, digest: str) -> str:
    for environment in sources.environments:
        token = f"stated/{environment}/{withdrawal_token(use_case, digest)}"
        entry = sources.items.entry_of(token)
        if entry is not None:
            record = _read(entry)[1]
            return f"{record.reason} [{record.actor}]"
    return ""


def _read(entry: Entry) -> tuple[str, Record]:
    """Return when an entry was written, and its record."""
    try:
        body = json.loads(entry.body)
        return str(body["recorded_at"]), record_from(body["record"])
    except (KeyError, TypeError, ValueError) as error:
        raise RemoteError(
            f"entry {entry.sequence} of the ledger cannot be read: {error}",
            hint="it was altered: promote history --verify tells what else is wrong",
        ) from error


def _is_object(uri: str) -> bool:
    bucket, key = _place(uri)
    return uri.startswith("s3://") and bool(bucket and key)


def _place(uri: str) -> tuple[str, str]:
    parts = urlsplit(uri)
    return parts.netloc, parts.path.lstrip("/")
