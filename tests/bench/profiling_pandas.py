"""The data-quality step's work, `baseline` of one Parquet file, as pandas does it.

All rows are read into memory and described column by column, every figure exact, with the call
that pandas (of buckets: numpy) has for it. What comes out is what the step writes, and a test
compares the two (tests/pipelines/mammography/test_data_quality_peers.py): in statistics.json
presence, type, sum, moments and ends of the finite numbers, ten buckets of equal width, the
distribution, and each text column's distinct values with the counts of the thousand most frequent;
in constraints.json completeness, sign and domain. Instead of a sketch, whose ranks are off by up to
0.14 %, the distribution is every thousandth quantile. Text is grouped before it is cleaned.

`Series.quantile` is the pandas way to these; numpy's sort is faster here and is measured too.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    Quantiles = Callable[["pd.Series[float]"], NDArray[np.float64]]

SHARES = np.linspace(0, 1, 1001)
BUCKETS = 10
CATEGORIES = 1000
MISSING = ("", "?")
COMPLETENESS_TOLERANCE = 0.15


def by_pandas(numbers: pd.Series[float]) -> NDArray[np.float64]:
    """Return the quantiles at SHARES, by pandas."""
    return numbers.quantile(SHARES).to_numpy()


def by_sorting(numbers: pd.Series[float]) -> NDArray[np.float64]:
    """Return the nearest values to the quantiles at SHARES, by numpy's sort."""
    ordered = np.sort(numbers.to_numpy())
    return ordered[np.rint(SHARES * (len(ordered) - 1)).astype(int)]


def profile(path: Path, out: Path, quantiles: Quantiles = by_pandas) -> None:
    """Describe a file's columns and write statistics.json and constraints.json to a folder."""
    table = pd.read_parquet(path)
    described = [
        _numeric(table[name], quantiles)
        if pd.api.types.is_numeric_dtype(table[name])
        else _text(table[name])
        for name in table.columns
    ]
    statistics = {
        "version": 0.0,
        "dataset": {"item_count": len(table)},
        "features": [statistic for statistic, _ in described],
    }
    constraints = {"version": 0.0, "features": [constraint for _, constraint in described]}
    out.mkdir(parents=True, exist_ok=True)
    (out / "statistics.json").write_text(json.dumps(statistics), encoding="utf-8")
    (out / "constraints.json").write_text(json.dumps(constraints), encoding="utf-8")


def _numeric(column: pd.Series[float], quantiles: Quantiles) -> tuple[dict[str, Any], ...]:
    present = int(column.count())
    numbers = column[np.isfinite(column)]
    whole = bool((numbers == np.trunc(numbers)).all())
    counts, edges = np.histogram(numbers, bins=BUCKETS)
    bounds = edges.tolist()
    buckets = [
        {"lower_bound": low, "upper_bound": high, "count": float(count)}
        for low, high, count in zip(bounds, bounds[1:], counts, strict=False)
    ]
    lowest = float(numbers.min())
    figures = {
        "common": {"num_present": present, "num_missing": len(column) - present},
        "mean": float(numbers.mean()),
        "sum": float(numbers.sum()),
        "std_dev": float(numbers.std(ddof=0)),
        "min": lowest,
        "max": float(numbers.max()),
        "distribution": {"quantiles": quantiles(numbers).tolist(), "kll": {"buckets": buckets}},
    }
    named = {"name": column.name, "inferred_type": "Integral" if whole else "Fractional"}
    constraint = {
        **named,
        "completeness": _required(present, len(column)),
        "num_constraints": {"is_non_negative": lowest >= 0},
    }
    return {**named, "numerical_statistics": figures}, constraint


def _text(column: pd.Series[str]) -> tuple[dict[str, Any], ...]:
    found = column.value_counts()
    found = found.groupby(found.index.str.strip()).sum().drop(list(MISSING), errors="ignore")
    numbers = pd.to_numeric(found.index.to_series(), errors="coerce")
    whole = np.isfinite(numbers) & (numbers == np.trunc(numbers))
    codes = found.index.to_series().mask(whole, numbers[whole].astype(int).astype(str))
    found = found.groupby(codes.to_numpy()).sum()
    kept = found.sort_values(ascending=False, kind="stable").head(CATEGORIES).sort_index()
    present = int(found.sum())
    figures = {
        "common": {"num_present": present, "num_missing": len(column) - present},
        "distinct_count": len(found),
        "distribution": {
            "categorical": {
                "buckets": [{"value": v, "count": int(n)} for v, n in kept.items()],
            }
        },
    }
    named = {"name": column.name, "inferred_type": "String"}
    constraint = {**named, "completeness": _required(present, len(column))}
    if len(kept) == len(found):
        constraint["string_constraints"] = {"domains": list(kept.index)}
    return {**named, "string_statistics": figures}, constraint


def _required(present: int, rows: int) -> float:
    return round(max(0.0, present / rows - COMPLETENESS_TOLERANCE), 6)
