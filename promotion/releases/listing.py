"""Collects the published releases, and what is known of each.

Reads the store, the signing key and the ledger (see `promotion.releases.records`), and each
workload account (see `promotion.status.collect`). Mutates nothing.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from promotion.aws.fanout import fan_out
from promotion.aws.releases import StoredRelease
from promotion.aws.session import Accounts
from promotion.config import WorkloadEnvironment
from promotion.errors import ConfigError, ProvenanceError
from promotion.releases.ledger import run_of, withdrawal_from
from promotion.releases.model import Withdrawal
from promotion.releases.records import ReleaseRecords
from promotion.status.collect import collect_status
from promotion.status.model import UseCaseStatus

Keys = Mapping[str, tuple[str, ...]]
"""Keys of pipelines, sorted, by environment."""


@dataclass(frozen=True)
class ReleaseLine:
    """A published release.

    Attributes:
        use_case: its use case.
        digest: its digest.
        published_at: when it was published, aware.
        git_commit: commit that it was built from; empty when nothing proves it.
        signed_by: ARN of its builder; empty when nothing proves it.
        problem: why nothing proves it; empty otherwise.
        live: keys of the pipelines that are of this release, by environment.
        succeeded: keys of the pipelines of which it has a succeeded execution, by environment.
        withdrawal: its withdrawal; None without one.
    """

    use_case: str
    digest: str
    published_at: datetime
    git_commit: str = ""
    signed_by: str = ""
    problem: str = ""
    live: Keys = field(default_factory=dict)
    succeeded: Keys = field(default_factory=dict)
    withdrawal: Withdrawal | None = None


@dataclass(frozen=True)
class Listing:
    """The published releases.

    Attributes:
        releases: by use case, then the newest first.
        problems: why it is not known of some environments what is live there.
    """

    releases: tuple[ReleaseLine, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True)
class _Known:
    """What ledger and accounts say, by digest of the release."""

    live: Mapping[str, Keys]
    succeeded: Mapping[str, Keys]
    withdrawals: Mapping[str, Withdrawal]


def collect_releases(
    root: Path, use_case: str, *, accounts: Accounts, records: ReleaseRecords
) -> Listing:
    """Return the published releases.

    Args:
        root: top folder of the project.
        use_case: use case of the releases; empty takes all.
        accounts: opens sessions.
        records: what is known of releases.

    Raises:
        ConfigError: an environment file is wrong, or no environment has the use case.
        RemoteError: store, key or ledger cannot be read.
    """
    known = sorted({name for each in records.workloads for name in each.use_cases})
    if use_case and use_case not in known:
        raise ConfigError(
            f"no environment has use case {use_case}",
            hint=f"there are: {', '.join(known) or 'none'}",
        )
    names = [use_case] if use_case else known
    stored = [each for found in fan_out(records.store.digests, names) for each in found]
    if not stored:
        return Listing((), ())
    statuses = collect_status(root, (), accounts=accounts)
    said = _Known(_live(statuses), *_from_ledger(records))
    _ = records.public_key  # once, and not from several threads
    lines = fan_out(lambda each: _line(records, each, said), stored)
    problems = dict.fromkeys(
        f"{status.environment}: {problem}" for status in statuses for problem in status.problems
    )
    return Listing(tuple(lines), tuple(problems))


def _line(records: ReleaseRecords, stored: StoredRelease, said: _Known) -> ReleaseLine:
    commit = builder = problem = ""
    try:
        proved = records.stored_provenance(stored.use_case, stored.digest)
        commit, builder = proved.git_commit, proved.builder_id
    except ProvenanceError as error:
        problem = error.message
    return ReleaseLine(
        use_case=stored.use_case,
        digest=stored.digest,
        published_at=stored.published_at,
        git_commit=commit,
        signed_by=builder,
        problem=problem,
        live=said.live.get(stored.digest, {}),
        succeeded=said.succeeded.get(stored.digest, {}),
        withdrawal=said.withdrawals.get(stored.digest),
    )


def _live(statuses: Sequence[UseCaseStatus]) -> dict[str, Keys]:
    found: defaultdict[str, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for status in statuses:
        for pipeline in status.pipelines:
            found[pipeline.release_digest][status.environment].add(pipeline.key)
    return _sorted(found)


def _from_ledger(records: ReleaseRecords) -> tuple[dict[str, Keys], dict[str, Withdrawal]]:
    """Return what succeeded where, and what was withdrawn; reads the whole ledger once."""
    keys = {environment.environment: _keys(environment) for environment in records.workloads}
    succeeded: defaultdict[str, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    withdrawals: dict[str, Withdrawal] = {}
    for line in records.ledger.backwards():
        if line.record.kind == "withdrawal":
            withdrawals[line.record.release_digest] = withdrawal_from(line.record)
        elif run := run_of(line.record):
            environment, digest, pipeline = run
            if key := keys.get(environment, {}).get(pipeline):
                succeeded[digest][environment].add(key)
    return _sorted(succeeded), withdrawals


def _keys(environment: WorkloadEnvironment) -> dict[str, str]:
    return {
        name: key for case in environment.use_cases.values() for key, name in case.pipelines.items()
    }


def _sorted(found: Mapping[str, Mapping[str, set[str]]]) -> dict[str, Keys]:
    return {
        digest: {name: tuple(sorted(keys)) for name, keys in sorted(by_environment.items())}
        for digest, by_environment in found.items()
    }
