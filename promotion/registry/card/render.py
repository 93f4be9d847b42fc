"""Writes the model card of a version. Reads its reports and those of the version in service.

Calls S3 GetObject and SageMaker DescribeModelPackage in the registry account; mutates nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from promotion.registry import screen
from promotion.registry.card import charts
from promotion.registry.examine import Examination
from promotion.registry.reports import document
from promotion.registry.versions import Registry

_PARTS = (
    ("true_positive", "positive, said so"),
    ("false_negative", "positive, missed"),
    ("false_positive", "negative, false alarm"),
    ("true_negative", "negative, said so"),
)


@dataclass(frozen=True)
class Reports:
    """What training wrote about a version; empty objects where it cannot be read.

    Attributes:
        evaluation: evaluation.json.
        statistics: statistics.json of the data-quality baseline.
    """

    evaluation: Mapping[str, Any] = field(default_factory=dict)
    statistics: Mapping[str, Any] = field(default_factory=dict)


def render_card(registry: Registry, found: Examination) -> str:
    """Return the model card of a version as an HTML page that needs nothing else.

    Args:
        registry: the registry, opened to approve.
        found: the version, examined.

    Raises:
        RemoteError: AWS fails.
    """
    serving = None
    if found.serving and found.serving != found.version:
        serving = read_reports(registry, found.serving.arn)
    return card(found, read_reports(registry, found.version.arn), serving)


def read_reports(registry: Registry, arn: str) -> Reports:
    """Return the reports of a version."""
    files, sources = registry.packages.describe(arn).files, registry.sources()
    return Reports(
        document(sources.report(files.evaluation_uri)) or {},
        document(sources.report(files.statistics_uri)) or {},
    )


def card(found: Examination, mine: Reports, serving: Reports | None) -> str:
    """Return the page; pure.

    Args:
        found: the version, examined.
        mine: its reports.
        serving: those of the version in service; None without one, or when it is this one.
    """
    environment = Environment(
        loader=PackageLoader("promotion.registry.card", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("card.html.j2").render(
        title=f"{found.use_case} version {found.version.version}",
        found=found,
        summary=screen.checks_summary(found.results),
        heading=screen.heading(found),
        metric_columns=screen.METRIC_COLUMNS,
        metrics=screen.metric_rows(found),
        comparison=found.facts.comparison,
        lineage=lineage(found),
        curves=_curves(mine, serving),
        calibration=charts.calibration(mine.evaluation),
        matrix=_matrix(mine.evaluation),
        threshold=mine.evaluation.get("threshold"),
        features=charts.distributions(mine.statistics, serving.statistics if serving else None),
        has_serving=serving is not None,
        charts=charts,
    )


def lineage(found: Examination) -> list[tuple[str, list[str]]]:
    """Return what the version was made of and what it became, in order: what, and which."""
    facts, training, version = found.package.metadata, found.facts.training, found.version
    data = [
        f"{uri.rpartition('/')[2] or uri}" for uri, _ in (training.datasets if training else ())
    ]
    digest = facts.get("dataset_sha256", "")
    artifact = found.facts.artifact
    stages = [
        ("data", [*data, f"{facts.get('dataset_rows', '?')} rows", f"SHA-256 {digest[:12]}"]),
        ("release", [version.release_digest[:12] or "unknown", f"commit {version.git_commit[:7]}"]),
        (
            "training",
            [
                f"in {version.environment or 'an unknown environment'}",
                f"by {training.started_by.rpartition(':')[2] if training else 'nobody known'}",
            ],
        ),
        ("archive", [f"digest {(artifact.sha256 or artifact.etag)[:12] or 'unknown'}"]),
        ("version", [str(version.version), version.status]),
    ]
    if found.serving == version:
        stages.append(("in service", ["every environment"]))
    return stages


def _curves(mine: Reports, serving: Reports | None) -> list[dict[str, str]]:
    kinds = (
        ("ROC", "roc_curve", "fpr", "tpr", "false positive rate", "true positive rate"),
        ("Precision and recall", "pr_curve", "recall", "precision", "recall", "precision"),
    )
    return [
        {
            "title": title,
            "x": words,
            "y": other,
            "mine": charts.curve(mine.evaluation, name, across, up),
            "serving": charts.curve(serving.evaluation, name, across, up) if serving else "",
        }
        for title, name, across, up, words, other in kinds
    ]


def _matrix(evaluation: Mapping[str, Any]) -> list[tuple[str, int]]:
    found = evaluation.get("confusion_matrix")
    counts = found if isinstance(found, dict) else {}
    return [(words, counts[name]) for name, words in _PARTS if isinstance(counts.get(name), int)]
