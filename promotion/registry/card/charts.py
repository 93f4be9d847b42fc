"""Geometry of the model card's charts: reports in, SVG path data out.

Pure: holds no markup and no colour. Coordinates are pixels of a drawing of WIDTH by HEIGHT, x to
the right and y down, rounded to 1/10. What has not the form of a report of ours gives no chart.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT = 320, 224
LEFT, TOP, RIGHT, BOTTOM = 36, 10, 310, 204
"""Edges of the data in the drawing; the axes' words stand outside."""

# More points than a screen has pixels make a heavy page, not a finer line.
_POINTS = 300
_LABELS = 8

Point = tuple[float, float]


@dataclass(frozen=True)
class Distribution:
    """A feature of the training data.

    Attributes:
        name: the feature.
        candidate: path of this version's density.
        serving: path of the density of the version in service; empty without one.
        labels: pixel column and text of what stands below the axis.
        missing: fraction of missing values, of this version and of the one in service.
    """

    name: str
    candidate: str
    serving: str
    labels: tuple[tuple[float, str], ...]
    missing: tuple[float | None, float | None]


@dataclass(frozen=True)
class _Feature:
    """Share of the rows in intervals of values or in categories, and the missing fraction."""

    bins: tuple[tuple[float, float, float], ...]
    categories: Mapping[str, float]
    missing: float | None


def x(value: float) -> float:
    """Return the pixel column of a fraction."""
    return round(LEFT + (RIGHT - LEFT) * value, 1)


def y(value: float) -> float:
    """Return the pixel row of a fraction."""
    return round(BOTTOM - (BOTTOM - TOP) * value, 1)


def line(points: Sequence[Point]) -> str:
    """Return the path through points whose coordinates are fractions; empty without points."""
    step = max(1, math.ceil(len(points) / _POINTS))
    kept = [*points[:-1:step], *points[-1:]]
    return "M" + "L".join(f"{x(a)},{y(b)}" for a, b in kept) if kept else ""


def curve(evaluation: Mapping[str, Any], name: str, across: str, up: str) -> str:
    """Return the path of a curve of evaluation.json; empty where it has none."""
    found = evaluation.get(name)
    if not isinstance(found, dict):
        return ""
    pairs = zip(_fractions(found.get(across)), _fractions(found.get(up)), strict=False)
    return line(list(pairs))


def calibration(evaluation: Mapping[str, Any]) -> list[tuple[float, float, float]]:
    """Return pixel column, row and radius of each bin: mean prediction, observed rate, rows."""
    bins = _objects(evaluation.get("calibration"))
    parts = [
        _fractions([each.get("mean_predicted"), each.get("observed")])
        + _numbers([each.get("count")])
        for each in bins
    ]
    whole = [part for part in parts if len(part) == 3]  # noqa: PLR2004 - two fractions, a count
    most = max((count for _, _, count in whole), default=1.0) or 1.0
    return [(x(a), y(b), round(3 + 7 * math.sqrt(count / most), 1)) for a, b, count in whole]


def distributions(
    candidate: Mapping[str, Any] | None, serving: Mapping[str, Any] | None
) -> list[Distribution]:
    """Return each feature of two baselines (statistics.json), in this version's order."""
    mine, theirs = _features(candidate), _features(serving)
    return [_drawn(name, mine[name], theirs.get(name)) for name in mine]


def _drawn(name: str, mine: _Feature, theirs: _Feature | None) -> Distribution:
    # The categories of both, so that the same one stands at the same place.
    names = sorted({*mine.categories, *(theirs.categories if theirs else ())})
    shown, other = _placed(mine, names), _placed(theirs, names) if theirs else ()
    bins = [*shown, *other]
    low, high = min(each[0] for each in bins), max(each[1] for each in bins)
    tallest = max(share / (end - start) for start, end, share in bins) or 1.0

    def path(own: Sequence[tuple[float, float, float]]) -> str:
        points: list[Point] = []
        for start, end, share in own:
            left, right = (start - low) / (high - low), (end - low) / (high - low)
            if not points or left > points[-1][0]:
                points += [(points[-1][0], 0.0), (left, 0.0)] if points else [(left, 0.0)]
            level = share / (end - start) / tallest
            points += [(left, level), (right, level)]
        return line([*points, (points[-1][0], 0.0)]) if points else ""

    labels = [(x((place + 0.4 - low) / (high - low)), each) for place, each in enumerate(names)]
    if not names or len(names) > _LABELS:
        labels = [(x(0.0), names[0] if names else f"{low:g}")]
        labels += [(x(1.0), names[-1] if names else f"{high:g}")]
    return Distribution(
        name=name,
        candidate=path(shown),
        serving=path(other),
        labels=tuple(labels),
        missing=(mine.missing, theirs.missing if theirs else None),
    )


def _placed(feature: _Feature, names: Sequence[str]) -> tuple[tuple[float, float, float], ...]:
    """Return intervals with their share; categories stand beside one another, with gaps between."""
    if not names:
        return feature.bins
    return tuple(
        (place, place + 0.8, feature.categories[each])
        for place, each in enumerate(names)
        if each in feature.categories
    )


def _features(statistics: Mapping[str, Any] | None) -> dict[str, _Feature]:
    read = {
        str(each.get("name")): _feature(each)
        for each in _objects((statistics or {}).get("features"))
    }
    return {name: each for name, each in read.items() if each.bins or each.categories}


def _feature(feature: Mapping[str, Any]) -> _Feature:
    kind = "numerical_statistics" if "numerical_statistics" in feature else "string_statistics"
    statistics = _object(feature.get(kind))
    common = _object(statistics.get("common"))
    counts = _numbers([common.get("num_present"), common.get("num_missing")])
    whole = len(counts) == 2 and sum(counts) > 0  # noqa: PLR2004 - present and missing
    distribution = _object(statistics.get("distribution"))
    return _Feature(
        bins=_bins(_object(distribution.get("kll")).get("buckets")),
        categories=_categories(_object(distribution.get("categorical")).get("buckets")),
        missing=counts[1] / sum(counts) if whole else None,
    )


def _categories(found: object) -> dict[str, float]:
    counted = {
        str(each.get("value")): count
        for each in _objects(found)
        for count in _numbers([each.get("count")])
    }
    total = sum(counted.values()) or 1.0
    return {name: count / total for name, count in counted.items()}


def _bins(found: object) -> tuple[tuple[float, float, float], ...]:
    read = [
        _numbers([each.get("lower_bound"), each.get("upper_bound"), each.get("count")])
        for each in _objects(found)
    ]
    bins = [part for part in read if len(part) == 3 and part[1] > part[0]]  # noqa: PLR2004
    total = sum(count for _, _, count in bins) or 1.0
    return tuple((start, end, count / total) for start, end, count in bins)


def _objects(found: object) -> list[Mapping[str, Any]]:
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _object(found: object) -> Mapping[str, Any]:
    return found if isinstance(found, dict) else {}


def _numbers(found: object) -> list[float]:
    values = found if isinstance(found, list) else []
    return [float(each) for each in values if isinstance(each, int | float) and math.isfinite(each)]


def _fractions(found: object) -> list[float]:
    return [min(max(each, 0.0), 1.0) for each in _numbers(found)]
