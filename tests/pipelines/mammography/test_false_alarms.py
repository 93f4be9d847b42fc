"""false_alarms.py: the budget of the default thresholds, on fewer batches than the docs' table.

`python -m pipelines.mammography.false_alarms` writes that table (docs/how-to/watch-for-drift.md).
"""

from __future__ import annotations

import pytest

from pipelines.mammography import data, false_alarms, settings
from pipelines.mammography.false_alarms import CHANGES, Simulation, alarms
from pipelines.mammography.steps.data_quality.describing import describe
from pipelines.mammography.steps.data_quality.reading import open_table

ROWS = data.BATCH_ROWS


def test_alarms__undrifted_batches__are_fewer_than_one_percent(real_data):
    rows = data.parse(real_data.read_bytes())
    raised = alarms(rows, CHANGES["none"], Simulation(ROWS, 2000, 1, {}))
    # Measured 0.2 % of 10,000. With 2000 batches and a true rate of 1 % fewer than 11 alarms
    # would have a probability of 1 %, so this bound also rejects a rate at the budget's edge.
    assert raised < 11


@pytest.mark.parametrize("name", [name for name in CHANGES if name != "none"])
def test_alarms__planted_drift_in_any_batch__is_caught(real_data, name):
    rows = data.parse(real_data.read_bytes())
    # Measured: at least 99.9 % of 10,000 batches, whatever rows the batch holds.
    assert alarms(rows, CHANGES[name], Simulation(ROWS, 200, 2, {})) >= 198


def test_alarms__threshold_without_correction__breaks_the_budget(real_data):
    rows = data.parse(real_data.read_bytes())
    simple = {"": {"distribution_constraints": {"comparison_method": "Simple"}}}
    assert alarms(rows, CHANGES["none"], Simulation(ROWS, 100, 1, simple)) > 50


def test_describe__real_rows__says_what_the_engine_says(real_data, write):
    rows = data.parse(real_data.read_bytes())[:200]
    header = [settings.ID, *settings.FEATURES, settings.LABEL]
    with open_table(
        write("rows/rows.csv", [header, *rows]), [settings.ID, settings.LABEL]
    ) as table:
        found = describe(table, categorical=settings.CATEGORICAL)
    by_hand = false_alarms.describe(rows)
    plain = [
        [
            feature._replace(moments=None, sketch=tuple(map(list, feature.sketch)))
            for feature in side
        ]
        for side in (found, by_hand)
    ]
    codes = [[f._replace(moments=None, numbers=0, integers=0) for f in side] for side in plain]
    assert codes[0] == codes[1]
    for engine, hand in zip(found, by_hand, strict=True):
        if hand.kind != "String":
            assert engine.moments == pytest.approx(hand.moments, rel=1e-12)
