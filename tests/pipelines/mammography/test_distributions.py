"""steps/distributions.py: types, statistics, sketches and distances."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from pipelines.mammography.steps import distributions
from pipelines.mammography.steps.distributions import Column


def column(*fields: str) -> Column:
    present = [field for field in fields if field]
    return Column("x", present, len(fields) - len(present))


@pytest.mark.parametrize(
    ("fields", "categorical", "expected"),
    [
        (("1", "2", "3.0"), False, "Integral"),
        (("1", "2.5"), False, "Fractional"),
        (("1", "two"), False, "String"),
        (("1", "2"), True, "String"),
        (("", ""), True, "Unknown"),
    ],
)
def test_inferred_type__fields__is_the_widest_needed(fields, categorical, expected):
    assert distributions.inferred_type(column(*fields), categorical) == expected


def test_statistics_of__numbers__has_model_monitors_form():
    found = distributions.statistics_of([column("1", "2", "3", "", "4")], {"x": "Integral"})
    buckets = [
        {"lower_bound": 1 + 0.3 * i, "upper_bound": 1.3 + 0.3 * i, "count": 0.0} for i in range(10)
    ]
    for index in (0, 3, 6, 9):
        buckets[index]["count"] = 1.0
    [feature] = found.pop("features")
    assert found == {"version": 0.0, "dataset": {"item_count": 5}}
    distribution = feature["numerical_statistics"].pop("distribution")
    assert feature == {
        "name": "x",
        "inferred_type": "Integral",
        "numerical_statistics": {
            "common": {"num_present": 4, "num_missing": 1},
            "mean": 2.5,
            "sum": 10.0,
            "std_dev": pytest.approx(np.std([1, 2, 3, 4])),
            "min": 1.0,
            "max": 4.0,
        },
    }
    found_buckets = distribution["kll"].pop("buckets")
    assert [pytest.approx(bucket) for bucket in buckets] == found_buckets
    assert distribution == {
        "kll": {"sketch": {"parameters": {"c": 0.64, "k": 2048.0}, "data": [[1, 2, 3, 4]]}}
    }


def test_statistics_of__codes__has_model_monitors_form():
    found = distributions.statistics_of([column("3", "3.0", "b", "")], {"x": "String"})
    assert found["features"] == [
        {
            "name": "x",
            "inferred_type": "String",
            "string_statistics": {
                "common": {"num_present": 3, "num_missing": 1},
                "distinct_count": 2,
                "distribution": {
                    "categorical": {
                        "buckets": [{"value": "3", "count": 2}, {"value": "b", "count": 1}]
                    }
                },
            },
        }
    ]


def test_statistics_of__constant_column__counts_every_value():
    found = distributions.statistics_of([column("7", "7")], {"x": "Integral"})
    buckets = found["features"][0]["numerical_statistics"]["distribution"]["kll"]["buckets"]
    assert len(buckets) == 10
    assert sum(bucket["count"] for bucket in buckets) == 2


def test_kll_sketch__few_values__keeps_them_all():
    assert distributions.kll_sketch(np.arange(2048.0)) == [list(range(2048))]


def test_kll_sketch__many_values__keeps_weight_and_ranks():
    values = np.sort(np.random.RandomState(1).lognormal(size=100_000))
    sketch = distributions.kll_sketch(values)
    assert sum(len(level) * 2**h for h, level in enumerate(sketch)) == 100_000
    assert sum(map(len, sketch)) < 3 * distributions.SKETCH_SIZE
    points, shares = distributions.cumulated(sketch)
    exact = np.searchsorted(values, points, side="right") / len(values)
    assert float(np.max(np.abs(shares - exact))) < 0.005
    assert sketch == distributions.kll_sketch(values)


def test_numeric_distance__small_samples__equals_scipys_ks_statistic():
    random = np.random.RandomState(2)
    first, second = np.round(random.normal(0, 1, 60), 1), np.round(random.normal(0.5, 1, 90), 1)
    plain, robust = distributions.numeric_distance([np.sort(first)], [np.sort(second)])
    expected = stats.ks_2samp(first, second).statistic
    assert plain == pytest.approx(expected, abs=1e-12)
    assert robust == max(0.0, plain - 1.8 * (150 / 5400) ** 0.5)


def test_numeric_distance__sketches_of_many_values__is_within_half_a_percent():
    random = np.random.RandomState(3)
    first, second = random.normal(0, 1, 100_000), random.normal(0.05, 1, 100_000)
    sketches = [distributions.kll_sketch(np.sort(values)) for values in (first, second)]
    plain, _ = distributions.numeric_distance(*sketches)
    assert plain == pytest.approx(stats.ks_2samp(first, second).statistic, abs=0.005)


def test_numeric_distance__a_side_without_values__is_nothing():
    assert distributions.numeric_distance([[]], [[1.0]]) == (0.0, 0.0)


def test_categorical_distance__shares_by_hand__is_the_largest_difference():
    # Shares 0.5, 0.5, 0 against 0.25, 0, 0.75.
    assert distributions.categorical_distance({"a": 2, "b": 2}, {"a": 1, "c": 3}) == 0.75
    assert distributions.categorical_distance({}, {"a": 1}) == 0.0
