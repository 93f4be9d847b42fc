"""How far two distributions lie apart. Pure.

Deequ's definitions (github.com/awslabs/deequ, analyzers/Distance.scala), which Model Monitor uses:

- Simple: max|CDF1 - CDF2|, the two-sample Kolmogorov-Smirnov statistic;
- Robust: Simple less 1.8 * sqrt((n + m) / (n * m)), at least 0;
- LInfinity: max|p1 - p2| over the categories' shares;
- ChiSquared: Pearson's test of the batch against the baseline's shares over the baseline's
  categories, small ones put together first. Deequ returns the p-value; here the distance is
  1 - p, so that like the others it grows with the difference and violates above its threshold.

A side without values has no distribution: the distance is then 0 (missing values are the
completeness check's business).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Mapping, Sequence

import numpy as np

if TYPE_CHECKING:  # numpy.typing is younger than the image's numpy
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

ROBUST_FACTOR = 1.8
"""c(alpha) for alpha = 0.003: Knuth, The Art of Computer Programming 2, 3.3.1, equation 15."""

LEAST_EXPECTED, SMALL_SHARE = 5, 0.2
"""Of more than two categories at most a fifth may have fewer expected cases than five."""
LEAST_EXPECTED_OF_TWO = 10
TWO = 2


def cumulated(sketch: Sequence[Sequence[float]]) -> tuple[Floats, Floats]:
    """Returns the sketch's values, ascending, and the cumulated share up to each."""
    values = np.array([item for level in sketch for item in level], dtype=np.float64)
    weights = np.array([2.0**h for h, level in enumerate(sketch) for _ in level])
    order = np.argsort(values, kind="stable")
    return values[order], np.cumsum(weights[order]) / max(weights.sum(), 1.0)


def size(sketch: Sequence[Sequence[float]]) -> int:
    """Returns how many values a sketch stands for."""
    return sum(len(level) * 2**h for h, level in enumerate(sketch))


def simple(first: Sequence[Sequence[float]], second: Sequence[Sequence[float]]) -> float:
    """Returns the largest difference of two sketches' CDFs."""
    sides = [cumulated(sketch) for sketch in (first, second)]
    if not all(len(values) for values, _ in sides):
        return 0.0
    points = np.concatenate([values for values, _ in sides])
    cdfs = [
        np.concatenate([[0.0], share])[np.searchsorted(values, points, side="right")]
        for values, share in sides
    ]
    return float(np.max(np.abs(cdfs[0] - cdfs[1])))


def robust(distance: float, n: int, m: int) -> float:
    """Returns a Simple distance of samples of n and m values, corrected for their sizes."""
    if not n or not m:
        return 0.0
    return max(0.0, distance - ROBUST_FACTOR * math.sqrt((n + m) / (n * m)))


def l_infinity(first: Mapping[str, int], second: Mapping[str, int]) -> float:
    """Returns the largest difference of a category's share."""
    n, m = sum(first.values()), sum(second.values())
    if not n or not m:
        return 0.0
    return max(abs(first.get(k, 0) / n - second.get(k, 0) / m) for k in {**first, **second})


def chi_squared(baseline: Mapping[str, int], batch: Mapping[str, int]) -> float:
    """Returns 1 - p of Pearson's test; values that the baseline has not are left out.

    0 where fewer than two categories remain, for which there is no test.
    """
    from scipy.special import gammainc  # noqa: PLC0415, RUF100 - slow to import, seldom needed

    total = sum(batch.get(key, 0) for key in baseline)
    everything = sum(baseline.values())
    if not total or not everything:
        return 0.0
    pairs = _regrouped(
        [(count / everything * total, float(batch.get(key, 0))) for key, count in baseline.items()]
    )
    if len(pairs) < TWO:
        return 0.0
    statistic = sum((observed - expected) ** 2 / expected for expected, observed in pairs)
    # P(k / 2, x / 2) is the chi-squared distribution with k degrees of freedom up to x
    # (dlmf.nist.gov/8.2; Abramowitz & Stegun 26.4.19).
    return float(gammainc((len(pairs) - 1) / 2, statistic / 2))


def _regrouped(pairs: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Adds the smallest expected count to the next until the counts suffice for the test."""
    pairs = sorted(pairs)
    while len(pairs) >= TWO:
        two = len(pairs) == TWO
        least = LEAST_EXPECTED_OF_TWO if two else LEAST_EXPECTED
        allowed = 0 if two else int(SMALL_SHARE * len(pairs))
        if sum(expected < least for expected, _ in pairs) <= allowed:
            break
        (a, x), (b, y), *rest = pairs
        pairs = sorted([(a + b, x + y), *rest])
    return pairs
