"""A generated stand-in for the mammography file, for machines that cannot have the real one.

Pure: reads, writes and calls nothing. Its rows have the real file's form, ranges, share of
missing values and rough strength of association, and no patient in them.
"""

from __future__ import annotations

import random

ROWS = 961

# Weights of the codes 1, 2, ... by severity; shares of missing values as in the published file.
_SHAPE = {0: (41, 35, 10, 14), 1: (8, 10, 8, 74)}
_MARGIN = {0: (62, 4, 12, 17, 5), 1: (10, 2, 13, 45, 30)}
_DENSITY = {0: (2, 7, 88, 3), 1: (2, 6, 91, 1)}
_BI_RADS = {0: (0, 2, 5, 82, 10, 1), 1: (0, 1, 2, 27, 68, 2)}
_AGE_MEAN_AND_SPREAD_YEARS = {0: (49.0, 13.0), 1: (62.0, 12.0)}
_MISSING = {"bi_rads": 0.002, "age": 0.005, "shape": 0.032, "margin": 0.05, "density": 0.079}


def generate(seed: int) -> bytes:
    """Returns a file in UCI's form: no header, `?` for missing; the same bytes for a seed."""
    source = random.Random(seed)  # noqa: S311 - data, not secrets
    lines = [_line(source) for _ in range(ROWS)]
    lines[0] = ["55", *lines[0][1:]]  # the real file has this typing error: keep the case alive
    return "".join(",".join(line) + "\n" for line in lines).encode()


def _line(source: random.Random) -> list[str]:
    severity = int(source.random() < 445 / ROWS)
    mean, spread = _AGE_MEAN_AND_SPREAD_YEARS[severity]
    values = {
        "bi_rads": _code(source, _BI_RADS[severity]),
        "age": min(max(round(source.gauss(mean, spread)), 18), 96),
        "shape": _code(source, _SHAPE[severity]),
        "margin": _code(source, _MARGIN[severity]),
        "density": _code(source, _DENSITY[severity]),
    }
    fields = [
        "?" if source.random() < _MISSING[name] else str(value) for name, value in values.items()
    ]
    return [*fields, str(severity)]


def _code(source: random.Random, weights: tuple[int, ...]) -> int:
    return source.choices(range(1, len(weights) + 1), weights)[0]
