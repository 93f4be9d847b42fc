"""The exact places of what the report's charts draw."""

from __future__ import annotations

import itertools
import math
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import (
    average_precision_score,
    precision_recall_curve,
    roc_auc_score,
    roc_curve,
)

from sandbox.demo import charts
from sandbox.demo.charts import Box, Plot
from sandbox.demo.report import render, view

UNIT = Plot(left=40, top=10, width=200, height=100)


def _scores() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(3)
    actual = (random.random(300) < 0.4).astype(int)
    return actual, random.random(300) * 0.7 + actual * 0.3


def _area(points: tuple[charts.Point, ...], plot: Plot) -> float:
    """Return the area under a drawn line as a share of the plot, by the trapezoidal rule."""
    area = sum(
        (x2 - x1) * (plot.bottom - (y1 + y2) / 2)
        for (x1, y1), (x2, y2) in itertools.pairwise(points)
    )
    return abs(area) / (plot.width * plot.height)


def test_plot__corners_and_centre__are_mapped_exactly() -> None:
    assert UNIT.points([0, 1, 0.5, 0.25], [0, 1, 0.5, 1]) == (
        (40, 110),
        (240, 10),
        (140, 60),
        (90, 10),
    )
    assert (UNIT.right, UNIT.bottom) == (240, 110)


def test_plot__other_domain__maps_its_high_ends_to_the_edges() -> None:
    plot = Plot(left=0, top=0, width=50, height=20, x_high=5, y_high=0.4)
    assert plot.points([5, 1], [0.4, 0.1]) == ((50, 0), (10, 15))


def test_points__missing_or_infinite__are_left_out() -> None:
    assert UNIT.points([0, None, math.nan, 1, 1], [0, 1, 1, math.inf, None]) == ((40, 110),)


def test_points__of_roc_curve__enclose_the_auc_that_scikit_learn_computes() -> None:
    actual, score = _scores()
    fpr, tpr, _ = roc_curve(actual, score)
    plot = Plot(left=0, top=0, width=1000, height=1000)
    # Coordinates are rounded to 1/100 pixel of 1000: 1e-5 of a side at each of a few points.
    drawn = _area(plot.points(fpr.tolist(), tpr.tolist()), plot)
    assert drawn == pytest.approx(roc_auc_score(actual, score), abs=1e-4)


def test_stairs__of_precision_recall_curve__enclose_the_average_precision() -> None:
    actual, score = _scores()
    precision, recall, _ = precision_recall_curve(actual, score)
    plot = Plot(left=0, top=0, width=1000, height=1000)
    steps = charts.stairs(plot.points(recall.tolist(), precision.tolist()))
    assert _area(steps, plot) == pytest.approx(average_precision_score(actual, score), abs=1e-4)


def test_stairs__go_along_x_first() -> None:
    assert charts.stairs(((0, 0), (2, 1), (3, 5))) == ((0, 0), (2, 0), (2, 1), (3, 1), (3, 5))
    assert charts.stairs(()) == ()


def test_line__has_every_point_at_two_decimals() -> None:
    assert charts.line(((1, 2), (3.5, -0.001), (4.126, 10))) == "M1 2L3.5 0L4.13 10"
    assert charts.line(((1, 2),)) == ""
    assert charts.line(()) == ""


def test_curve__leaves_and_reaches_each_point_level() -> None:
    assert charts.curve(((0, 0), (10, 4), (20, 4))) == "M0 0C5 0 5 4 10 4C15 4 15 4 20 4"
    assert charts.curve(((0, 0),)) == ""


@pytest.mark.parametrize(
    ("high", "expected"),
    [
        (1.0, (0, 0.2, 0.4, 0.6, 0.8, 1.0)),
        (0.42, (0, 0.1, 0.2, 0.3, 0.4, 0.5)),
        (0.23, (0, 0.05, 0.1, 0.15, 0.2, 0.25)),
        (0, (0, 0.2, 0.4, 0.6, 0.8, 1.0)),
        (73, (0, 20, 40, 60, 80)),
    ],
)
def test_ticks__are_round_and_reach_the_largest_value(
    high: float, expected: tuple[float, ...]
) -> None:
    assert charts.ticks(high) == pytest.approx(expected)


@given(st.floats(min_value=1e-6, max_value=1e6), st.integers(min_value=1, max_value=9))
def test_ticks__any_value__are_even_few_and_cover_it(high: float, count: int) -> None:
    ticks = charts.ticks(high, count)
    assert ticks[0] == 0
    assert ticks[-1] >= high * (1 - 1e-6)
    assert 2 <= len(ticks) <= count + 1
    assert ticks[-1] - ticks[-2] == pytest.approx(ticks[1], rel=1e-3)


def test_bars__stand_side_by_side_on_the_ground() -> None:
    plot = Plot(left=10, top=0, width=100, height=50, y_high=0.5)
    assert charts.bars(plot, [(0.5, 0.25), (0.0, 0.1)]) == (
        Box(15, 0, 20, 50),
        Box(35, 25, 20, 25),
        Box(65, 50, 20, 0),
        Box(85, 40, 20, 10),
    )
    assert charts.bars(plot, []) == ()


def test_bars__outside_the_plot__are_cut_at_its_edges() -> None:
    assert [box.height for box in charts.bars(UNIT, [(2.0, -1.0)])] == [100, 0]


def test_marker__four_shapes_then_again() -> None:
    shapes = [charts.marker(series, (5, 5), 2) for series in range(5)]
    assert shapes[0] == "M3 5a2 2 0 1 0 4 0a2 2 0 1 0 -4 0Z"
    assert shapes[1] == "M3 3L7 3L7 7L3 7Z"
    assert len(set(shapes[:4])) == 4
    assert shapes[4] == shapes[0]


@pytest.mark.parametrize(
    ("name", "limit", "lines"),
    [
        ("Train", 10, ("Train",)),
        ("PublishPredictions", 12, ("Publish", "Predictions")),
        ("data-drift-detected", 11, ("data-drift-", "detected")),
        ("EvaluateAUCOnTest", 12, ("EvaluateAUC", "OnTest")),
        ("x" * 30, 8, ("xxxxxxxx", "xxxxxxx…")),
    ],
)
def test_label_lines__break_between_words(name: str, limit: int, lines: tuple[str, ...]) -> None:
    assert charts.label_lines(name, limit) == lines


@given(st.text(max_size=60), st.integers(min_value=3, max_value=20))
def test_label_lines__any_name__fits(name: str, limit: int) -> None:
    lines = charts.label_lines(name, limit)
    assert 1 <= len(lines) <= 2
    assert all(len(line) <= limit for line in lines)


def test_report__draws_the_curve_and_the_operating_point_where_they_belong() -> None:
    model = {
        "version": 7,
        "status": "Approved",
        "environment": "dev",
        "created_at": "2026-11-02T05:00:00Z",
        "approval": None,
        "git_commit": "c",
        "release_digest": "d",
        "dataset_sha256": "s",
        "dataset_rows": 10,
        "metrics": {"auc": {"value": 0.8, "low": 0.7, "high": 0.9}},
        "threshold": 0.5,
        "confusion_matrix": {
            "true_positive": 3,
            "false_negative": 1,
            "false_positive": 2,
            "true_negative": 6,
        },
        "roc_curve": {"fpr": [0.0, 0.25, 1.0], "tpr": [0.0, 0.75, 1.0]},
        "pr_curve": {"recall": [0.0, 0.5, 1.0], "precision": [1.0, 0.75, 0.5]},
        "calibration": [
            {"mean_predicted": 0.75, "observed": 1.0, "count": 4},
            {"mean_predicted": 0.25, "observed": 0.5, "count": 1},
        ],
        "served_by": [],
    }
    lists = ("accounts", "stages", "timeline", "executions", "drift", "inbox", "refusals", "plans")
    nothing: dict[str, Any] = {**{name: [] for name in lists}, "predictions": {}, "ledger": {}}
    story = {**nothing, "models": [model]}
    shown = view(story)["models"]["versions"][0]
    # The plot is 286 wide from 44 and 250 high down to 260.
    assert shown["roc"] == "M44 260L115.5 72.5L330 10"
    assert shown["operating_point"] == (115.5, 72.5)
    assert shown["pr"] == "M330 135L187 135L187 72.5L44 72.5L44 10"
    assert shown["reliability"]["line"] == "M115.5 135L258.5 10"
    assert [dot["size"] for dot in shown["reliability"]["dots"]] == [4.0, 6.5]
    assert shown["at_threshold"] == {
        "sensitivity": 0.75,
        "specificity": 0.75,
        "precision": 0.6,
        "accuracy": 0.75,
        "prevalence": pytest.approx(1 / 3),
    }
    release = {"use_case": "u", "digest": "d", "git_commit": "c", "dirty": False}
    rest = {"schema_version": 1, "title": "t", "generated_at": "", "seconds": 1.0}
    html = render({**story, **rest, "data_source": "x", "release": release})
    assert len(re.findall(re.escape('d="M44 260L115.5 72.5L330 10"'), html)) == 1
