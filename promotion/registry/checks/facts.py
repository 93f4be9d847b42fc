"""What checks look at. Reads, writes and calls nothing; standard library only."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Interval:
    """A number and its interval.

    Attributes:
        value: the number.
        low: lower end of its interval.
        high: upper end of its interval.
    """

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        """Return it for people."""
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


@dataclass(frozen=True)
class Demands:
    """What the registry's environment file demands of a use case's versions.

    Attributes:
        minimum: least value of each metric, by its name.
        maximum: greatest value of each metric, by its name.
        margin: ROC AUC, as a fraction, that a version may be worse than the one in service.
    """

    minimum: Mapping[str, float] = field(default_factory=dict)
    maximum: Mapping[str, float] = field(default_factory=dict)
    margin: float = 0.05


@dataclass(frozen=True)
class Artifact:
    """A version's model archive, as recorded and as it is.

    Attributes:
        uri: S3 URI that is recorded; empty without one.
        exists: whether it can be read.
        etag: its ETag now, without quotes.
        sha256: its SHA-256 now; empty while nothing is recorded to hold it against.
        recorded_etag: ETag that SageMaker recorded; empty without one.
        recorded_sha256: SHA-256 that the train pipeline recorded; empty without one.
    """

    uri: str = ""
    exists: bool = False
    etag: str = ""
    sha256: str = ""
    recorded_etag: str = ""
    recorded_sha256: str = ""


@dataclass(frozen=True)
class Comparison:
    """Candidate and version in service, scored on the same rows (comparison.json).

    Attributes:
        champion_arn: version that the candidate was compared with; empty when none was in service.
        reason: why there was none.
        rows: number of rows.
        confidence: of the intervals, as a fraction.
        candidate: metrics of the candidate, by name.
        champion: metrics of the version in service, by name; empty without one.
        difference: candidate minus champion, paired on each resample, by name; empty without one.
    """

    champion_arn: str
    reason: str
    rows: int
    confidence: float
    candidate: Mapping[str, Interval]
    champion: Mapping[str, Interval]
    difference: Mapping[str, Interval]


@dataclass(frozen=True)
class TrainingRun:
    """The run that registered the version, as the ledger has it.

    Attributes:
        started_by: ARN of who started it; empty when AWS did not say.
        execution_arn: ARN of the execution.
        release_digest: release that ran; empty when the ledger does not know.
        datasets: S3 URI and version of what it read.
    """

    started_by: str
    execution_arn: str = ""
    release_digest: str = ""
    datasets: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Release:
    """The release that trained the version, as it is recorded with it.

    Attributes:
        digest: its digest; empty when none is recorded.
        published: whether the release store has it.
        withdrawal: why and by whom it was withdrawn; empty when it was not.
    """

    digest: str = ""
    published: bool = False
    withdrawal: str = ""


@dataclass(frozen=True)
class Facts:
    """What is known of a version that somebody wants to serve.

    Attributes:
        arn: the version.
        demands: what it must fulfil.
        metrics: its metrics on the test rows by name; None when they cannot be read.
        artifact: its model archive.
        baseline: S3 URI and whether it can be read, of each part of the data-quality baseline.
        release: release that trained it.
        training: run that registered it; None when the ledger has none.
        deciders: ARNs of who decides, in every form in which AWS or the decision names them.
        serving_arn: version in service; empty when there is none.
        comparison: comparison with the version in service; None when it cannot be read.
    """

    arn: str
    demands: Demands
    metrics: Mapping[str, Interval] | None
    artifact: Artifact
    baseline: Mapping[str, tuple[str, bool]]
    release: Release
    training: TrainingRun | None
    deciders: tuple[str, ...]
    serving_arn: str
    comparison: Comparison | None
