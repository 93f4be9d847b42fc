"""Both sides of a drift check on the same bins: hand-made features, whole results."""

from __future__ import annotations

import itertools

import pytest

from sandbox.demo.distributions import bins

Feature = dict[str, object]


def numeric(levels: list[list[float]]) -> Feature:
    edges = [0.0, 10.0, 20.0, 30.0]
    buckets = [
        {"lower_bound": low, "upper_bound": high, "count": 0}
        for low, high in itertools.pairwise(edges)
    ]
    kll = {"buckets": buckets, "sketch": {"parameters": {"c": 0.64, "k": 2048}, "data": levels}}
    return {"name": "age", "numerical_statistics": {"distribution": {"kll": kll}}}


def categorical(counts: dict[str, int]) -> Feature:
    buckets = [{"value": value, "count": count} for value, count in counts.items()]
    distribution = {"categorical": {"buckets": buckets}}
    return {"name": "shape", "string_statistics": {"distribution": distribution}}


def test_bins__numeric__share_the_baselines_buckets() -> None:
    assert bins(numeric([[1, 5, 12, 25]]), numeric([[-3, 25, 40, 40]])) == [
        {"label": "below 10", "baseline": 0.5, "batch": 0.25},
        {"label": "10 to 20", "baseline": 0.25, "batch": 0.0},
        {"label": "20 or more", "baseline": 0.25, "batch": 0.75},
    ]


def test_bins__sketch_levels__weigh_twice_as_much_each() -> None:
    (low, middle, high) = bins(numeric([[1], [12], [25]]), None)
    assert (low["baseline"], middle["baseline"], high["baseline"]) == pytest.approx(
        (1 / 7, 2 / 7, 4 / 7)
    )
    assert [low["batch"], middle["batch"], high["batch"]] == [0, 0, 0]


def test_bins__categorical__new_value_comes_last() -> None:
    assert bins(categorical({"2": 1, "1": 3}), categorical({"5": 1, "1": 1})) == [
        {"label": "2", "baseline": 0.25, "batch": 0.0},
        {"label": "1", "baseline": 0.75, "batch": 0.5},
        {"label": "5", "baseline": 0.0, "batch": 0.5},
    ]


def test_bins__feature_missing_in_batch__is_zero() -> None:
    assert bins(categorical({"1": 4}), None) == [{"label": "1", "baseline": 1.0, "batch": 0.0}]
