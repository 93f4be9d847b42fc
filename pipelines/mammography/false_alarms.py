"""How often an undrifted batch raises an alarm, and a drifted one does: simulations on real rows.

`python -m pipelines.mammography.false_alarms --data PATH [--batches N]` prints the table of
docs/how-to/watch-for-drift.md. Every batch and every baseline row are drawn from all rows without
replacement, a new baseline for every BATCHES_PER_BASELINE batches, so that the figures contain the
chance in both. The baseline has 230 rows, as many as training on part 1 leaves: the worst case.

Rows are described in memory and not by the engine, which reads files; a test holds that both
describe the same rows alike. Reads the data file; writes and calls nothing.
"""

from __future__ import annotations

import argparse
import logging
import random
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipelines.mammography import data
from pipelines.mammography.settings import CATEGORICAL, FEATURES
from pipelines.mammography.steps.data_quality.checking import check
from pipelines.mammography.steps.data_quality.feature import Feature, Moments, kind_of
from pipelines.mammography.steps.data_quality.model_monitor import constraints_of, statistics_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pipelines.mammography.steps.data_quality.feature import Json

    Change = Callable[[data.Row, int], data.Row]

LOG = logging.getLogger("false_alarms")
BASELINE_ROWS = 230
BATCHES_PER_BASELINE = 20
BATCH_ROWS = (20, 30, 35, 40, 48, 60)


CHANGES: dict[str, Change] = {
    "none": lambda row, _: row,
    "ages + 20 years": data.shift_age,
    "a new shape in a third of the rows": data.new_category,
    "margin and density missing in half": data.lose_values,
}


@dataclass(frozen=True)
class Simulation:
    """What is drawn.

    Attributes:
        batch_rows: Rows of a batch.
        batches: How many batches.
        seed: Decides every draw.
        overrides: Parts of the monitoring configuration to try, as `constraints_of` takes them.
    """

    batch_rows: int
    batches: int
    seed: int
    overrides: dict[str, Json]


def describe(rows: Sequence[data.Row]) -> list[Feature]:
    """Returns what the step's engine says of rows, for at most 2048 of them (no sketching)."""
    features = []
    for index, name in enumerate(FEATURES, start=1):
        numbers = np.sort([float(row[index]) for row in rows if row[index]])
        counts: dict[str, int] = {}
        for number in numbers.tolist():
            code = str(int(number))
            counts[code] = counts.get(code, 0) + 1
        kind = kind_of(
            *(len(numbers), len(numbers), len(numbers)),
            categorical=name in CATEGORICAL,
            typed=False,
        )
        features.append(
            Feature(
                name=name,
                kind=kind,
                present=len(numbers),
                missing=len(rows) - len(numbers),
                numbers=len(numbers),
                integers=len(numbers),
                moments=_moments(numbers) if len(numbers) else None,
                sketch=() if kind == "String" else (numbers.tolist(),),
                categories=dict(sorted(counts.items())) if kind == "String" else {},
                distinct=len(counts) if kind == "String" else 0,
            )
        )
    return features


def _moments(numbers: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Moments:
    figures = numbers.mean(), numbers.sum(), numbers.std(), numbers.min(), numbers.max()
    return Moments(*map(float, figures))


def alarms(rows: Sequence[data.Row], change: Change, simulation: Simulation) -> int:
    """Returns how many batches raise an alarm.

    Args:
        rows: All rows that there are.
        change: What is planted in each batch.
        simulation: What is drawn.
    """
    source = random.Random(simulation.seed)  # noqa: S311 - a simulation
    pool = list(rows)
    raised = 0
    statistics: Json = {}
    constraints: Json = {}
    for number in range(simulation.batches):
        if number % BATCHES_PER_BASELINE == 0:
            source.shuffle(pool)
            baseline = describe(pool[:BASELINE_ROWS])
            statistics = statistics_of(baseline)
            constraints = constraints_of(baseline, simulation.overrides)
        batch = source.sample(pool[BASELINE_ROWS:], simulation.batch_rows)
        changed = [change(row, index) for index, row in enumerate(batch)]
        raised += bool(check(describe(changed), statistics, constraints).violations)
    return raised


def main(argv: Sequence[str]) -> int:
    """Logs the table in Markdown; returns 0."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    parser = argparse.ArgumentParser(description="Measure the false alarms of the drift check.")
    parser.add_argument("--data", type=Path, required=True, help="a file in UCI's form")
    parser.add_argument("--batches", type=int, default=10_000, help="for each figure")
    args = parser.parse_args(argv)
    rows = data.parse(args.data.read_bytes())
    LOG.info("| planted | %s |", " | ".join(f"{size} rows" for size in BATCH_ROWS))
    LOG.info("|---|%s", "---|" * len(BATCH_ROWS))
    for name, change in CHANGES.items():
        shares = [
            alarms(rows, change, Simulation(size, args.batches, 1, {})) / args.batches
            for size in BATCH_ROWS
        ]
        LOG.info("| %s | %s |", name, " | ".join(f"{100 * share:.2f} %" for share in shares))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
