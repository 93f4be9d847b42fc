"""The forms of SageMaker Model Monitor's files, so that code made for them reads ours.

docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-byoc-statistics.html,
.../model-monitor-byoc-constraints.html and .../model-monitor-interpreting-violations.html.
Reads and writes files of JSON.

Thresholds, chosen so that a batch of about 48 undrifted rows raises a false alarm in fewer
than 1 % of cases (docs/how-to/watch-for-drift.md has the figures and the command that measures
them):

- NUMERIC_THRESHOLD 0.05 on top of the Robust correction. The correction alone is the
  Kolmogorov-Smirnov critical value at 2 * exp(-2 * 1.8**2) = 0.3 % a feature.
- CATEGORICAL_THRESHOLD 0.30: with 48 rows a share near one half has a standard error of 0.072,
  so this is four of them.
- COMPLETENESS_TOLERANCE 0.15 below the baseline's completeness: nearly four standard errors,
  in 48 rows, of the feature that misses most (8 %).
- DOMAIN_THRESHOLD 0.90, TYPE_THRESHOLD 0.90: a stray new code or typing error among 48 rows is
  the rejection report's business, not drift; five of them are drift.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Mapping, Sequence

import numpy as np

from .errors import BadInputError
from .feature import NUMERIC_TYPES, Feature, Json, Levels, Moments
from .scanning import SIZE

if TYPE_CHECKING:
    from pathlib import Path

NUMERIC_THRESHOLD = 0.05
CATEGORICAL_THRESHOLD = 0.30
COMPLETENESS_TOLERANCE = 0.15
DOMAIN_THRESHOLD = 0.90
TYPE_THRESHOLD = 0.90
SHRINKING = 0.64
"""Of a sketch's levels, as Model Monitor's files state it; reading a distribution needs it not."""
HISTOGRAM_BUCKETS = 10


def statistics_of(features: Sequence[Feature]) -> Json:
    """Returns statistics.json."""
    return {
        "version": 0.0,
        "dataset": {"item_count": features[0].rows if features else 0},
        "features": [_statistics(feature) for feature in features],
    }


def _statistics(feature: Feature) -> Json:
    common = {"num_present": feature.present, "num_missing": feature.missing}
    described: Json = {"name": feature.name, "inferred_type": feature.kind}
    if feature.kind in NUMERIC_TYPES and feature.moments:
        figures = {"common": common, **_numerical(feature.moments, feature.sketch)}
        return {**described, "numerical_statistics": figures}
    buckets = [{"value": value, "count": count} for value, count in feature.categories.items()]
    described["string_statistics"] = {
        "common": common,
        "distinct_count": feature.distinct,
        "distribution": {"categorical": {"buckets": buckets}},
    }
    return described


def _numerical(moments: Moments, sketch: Levels) -> Json:
    parameters = {"c": SHRINKING, "k": float(SIZE)}
    kll = {
        "buckets": _buckets(moments, sketch),
        "sketch": {"parameters": parameters, "data": [list(level) for level in sketch]},
    }
    return {
        "mean": moments.mean,
        "sum": moments.total,
        "std_dev": moments.deviation,
        "min": moments.lowest,
        "max": moments.highest,
        "distribution": {"kll": kll},
    }


def _buckets(moments: Moments, sketch: Levels) -> list[Json]:
    """Returns a histogram of equal widths, counted by the sketch; the last one is closed."""
    edges = np.linspace(moments.lowest, moments.highest, HISTOGRAM_BUCKETS + 1)
    values = np.array([item for level in sketch for item in level])
    weights = np.array([2.0**h for h, level in enumerate(sketch) for _ in level])
    if moments.lowest == moments.highest:  # numpy would widen the range
        counts = np.array([0.0] * (HISTOGRAM_BUCKETS - 1) + [weights.sum()])
    else:
        counts, _ = np.histogram(values, bins=edges, weights=weights)
    bounds = edges.tolist()
    return [
        {"lower_bound": low, "upper_bound": high, "count": float(count)}
        for low, high, count in zip(bounds, bounds[1:], counts)
    ]


def constraints_of(features: Sequence[Feature], overrides: Mapping[str, Json]) -> Json:
    """Returns constraints.json.

    Args:
        features: The baseline's columns.
        overrides: By feature, parts of the monitoring configuration that differ for it; under
            "" those that differ for all.
    """
    return {
        "version": 0.0,
        "features": [_constraint(feature, overrides.get(feature.name)) for feature in features],
        "monitoring_config": merged(default_config(), overrides.get("", {})),
    }


def _constraint(feature: Feature, override: Json | None) -> Json:
    constraint: Json = {
        "name": feature.name,
        "inferred_type": feature.kind,
        "completeness": round(max(0.0, feature.completeness - COMPLETENESS_TOLERANCE), 6),
    }
    if feature.kind in NUMERIC_TYPES and feature.moments:
        constraint["num_constraints"] = {"is_non_negative": feature.moments.lowest >= 0}
    # Of free text the most frequent values are no domain.
    elif feature.kind == "String" and feature.distinct == len(feature.categories):
        constraint["string_constraints"] = {"domains": list(feature.categories)}
    if override:
        constraint["monitoringConfigOverrides"] = override
    return constraint


def default_config() -> Json:
    """Returns the monitoring configuration with the thresholds of the module's docstring."""
    comparison = {
        "perform_comparison": "Enabled",
        "comparison_threshold": NUMERIC_THRESHOLD,
        "comparison_method": "Robust",
        "categorical_comparison_threshold": CATEGORICAL_THRESHOLD,
        "categorical_drift_method": "LInfinity",
    }
    return {
        "evaluate_constraints": "Enabled",
        "emit_metrics": "Enabled",
        "datatype_check_threshold": TYPE_THRESHOLD,
        "domain_content_threshold": DOMAIN_THRESHOLD,
        "distribution_constraints": comparison,
    }


def merged(config: Json, override: Json) -> Json:
    """Returns a configuration with parts of it replaced, objects key by key."""
    result = dict(config)
    for key, value in override.items():
        inner = isinstance(value, dict) and isinstance(config.get(key), dict)
        result[key] = merged(config[key], value) if inner else value
    return result


def sketch_of(statistics: Json) -> Levels:
    """Returns the sketch of one feature of statistics.json."""
    levels: Levels = statistics["numerical_statistics"]["distribution"]["kll"]["sketch"]["data"]
    return levels


def categories_of(statistics: Json) -> dict[str, int]:
    """Returns how often each value appears, of one feature of statistics.json."""
    buckets = statistics["string_statistics"]["distribution"]["categorical"]["buckets"]
    return {bucket["value"]: bucket["count"] for bucket in buckets}


def read(directory: Path, name: str) -> Json:
    """Returns the parsed file.

    Raises:
        BadInputError: It is missing, not JSON, or lacks the list of features.
    """
    path = directory / name
    try:
        content: Json = json.loads(path.read_text(encoding="utf-8"))
        content["features"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInputError(f"{path}: not a Model Monitor {name} ({error!r})") from error
    return content


def write(directory: Path, name: str, content: Json) -> None:
    """Writes one JSON file, creating the folder."""
    directory.mkdir(parents=True, exist_ok=True)
    text = json.dumps(content, allow_nan=False) + "\n"
    (directory / name).write_text(text, encoding="utf-8")
