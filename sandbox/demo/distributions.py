"""Brings a baseline's and a batch's distribution of a feature onto the same bins.

Reads the parts of Model Monitor's `statistics.json`; reads no file and calls nothing.
Format: https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-interpreting-statistics.html
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

Feature = dict[str, Any]


def bins(baseline: Feature, batch: Feature | None) -> list[dict[str, Any]]:
    """Return the shares of both sides by bin.

    Args:
        baseline: Entry of a feature in the baseline's `features`.
        batch: The batch's entry, None when the batch lacks the feature.

    Returns:
        `label`, `baseline` and `batch`, each share a fraction of the present values. Numeric
        features have the baseline's ten buckets, widened at the ends to hold the batch's
        extremes; categorical ones every value of either side.
    """
    if "numerical_statistics" in baseline:
        return _numeric(baseline, batch)
    return _paired(_counts(baseline), _counts(batch) if batch else {})


def _numeric(baseline: Feature, batch: Feature | None) -> list[dict[str, Any]]:
    kll = baseline["numerical_statistics"]["distribution"]["kll"]
    edges = [bucket["upper_bound"] for bucket in kll["buckets"][:-1]]
    labels = [
        f"{bucket['lower_bound']:g} to {bucket['upper_bound']:g}" for bucket in kll["buckets"]
    ]
    labels[0], labels[-1] = f"below {edges[0]:g}", f"{edges[-1]:g} or more"
    both = []
    for feature in (baseline, batch):
        weights: Counter[str] = Counter({label: 0 for label in labels})
        for value, weight in _items(feature):
            weights[labels[sum(value >= edge for edge in edges)]] += weight
        both.append(weights)
    return _paired(*both)


def _items(feature: Feature | None) -> list[tuple[float, int]]:
    """Return the sketch's items with their weights: an item of level h stands for 2**h values."""
    if feature is None or "numerical_statistics" not in feature:
        return []
    levels = feature["numerical_statistics"]["distribution"]["kll"]["sketch"]["data"]
    return [(value, 2**level) for level, values in enumerate(levels) for value in values]


def _counts(feature: Feature) -> dict[str, int]:
    if "numerical_statistics" in feature:
        return dict(Counter(f"{value:g}" for value, _ in _items(feature)))
    buckets = feature["string_statistics"]["distribution"]["categorical"]["buckets"]
    return {str(bucket["value"]): bucket["count"] for bucket in buckets}


def _paired(baseline: Mapping[str, int], batch: Mapping[str, int]) -> list[dict[str, Any]]:
    totals = sum(baseline.values()) or 1, sum(batch.values()) or 1
    labels = [*baseline, *sorted(set(batch) - set(baseline))]
    return [
        {
            "label": label,
            "baseline": baseline.get(label, 0) / totals[0],
            "batch": batch.get(label, 0) / totals[1],
        }
        for label in labels
    ]
