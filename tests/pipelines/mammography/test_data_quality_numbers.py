"""steps/data_quality against independent derivations: scipy, numpy and cases by hand."""

from __future__ import annotations

import duckdb
import numpy as np
import pytest
from scipy import stats

from pipelines.mammography.steps.data_quality import distances
from pipelines.mammography.steps.data_quality.describing import describe
from pipelines.mammography.steps.data_quality.model_monitor import statistics_of
from pipelines.mammography.steps.data_quality.reading import open_table
from pipelines.mammography.steps.data_quality.scanning import Tally


def described(folder, categorical=()):
    with open_table(folder, []) as table:
        return describe(table, categorical=categorical)


def parquet(folder, **columns):
    """Writes one Parquet file of columns of numbers and returns its folder."""
    folder.mkdir()
    connection = duckdb.connect()
    fields = ", ".join(f"unnest(${name}) AS {name}" for name in columns)
    values = {name: list(map(float, column)) for name, column in columns.items()}
    table = f"COPY (SELECT {fields}) TO '{folder / 'rows.parquet'}' (FORMAT parquet)"
    connection.execute(table, values)
    return folder


@pytest.mark.parametrize(
    ("fields", "categorical", "expected"),
    [
        (("1", "2", "3.0"), (), "Integral"),
        (("1", "2.5"), (), "Fractional"),
        (("1", "two"), (), "String"),
        (("1", "2"), ("x",), "String"),
        (("?", "?"), ("x",), "Unknown"),
        (("1", "inf"), (), "String"),
        (("1", "1_000"), (), "String"),
    ],
)
def test_describe__fields__is_of_the_widest_type_needed(write, fields, categorical, expected):
    folder = write("b/b.csv", [["x"], *([field] for field in fields)])
    assert described(folder, categorical)[0].kind == expected


def test_statistics_of__numbers__has_model_monitors_form(write):
    features = described(write("b/b.csv", [["x"], ["1"], ["2"], ["3"], ["?"], ["4"]]))
    buckets = [
        {"lower_bound": 1 + 0.3 * i, "upper_bound": 1.3 + 0.3 * i, "count": 0.0} for i in range(10)
    ]
    for index in (0, 3, 6, 9):
        buckets[index]["count"] = 1.0
    found = statistics_of(features)
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
    assert [pytest.approx(bucket) for bucket in buckets] == distribution["kll"].pop("buckets")
    assert distribution == {
        "kll": {"sketch": {"parameters": {"c": 0.64, "k": 2048.0}, "data": [[1, 2, 3, 4]]}}
    }


def test_statistics_of__codes__has_model_monitors_form(write):
    folder = write("b/b.csv", [["x"], ["3"], [" 3.0"], ["b"], ["?"]])
    assert statistics_of(described(folder, ["x"]))["features"] == [
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


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """Returns 100,000 numbers of two shapes, and another 100,000 of each, slightly moved."""
    random = np.random.RandomState(1)
    size = 100_000
    first = {"a": random.lognormal(size=size), "b": np.round(random.normal(50, 9, size))}
    second = {"a": random.lognormal(0.05, 1, size), "b": np.round(random.normal(50.4, 9, size))}
    folder = tmp_path_factory.mktemp("many")
    features = [
        described(parquet(folder / name, **side))
        for name, side in (("first", first), ("second", second))
    ]
    return (first, second), features


def test_describe__hundred_thousand_rows__has_numpys_moments(many):
    (first, _), (features, _) = many
    for feature in features:
        values = first[feature.name]
        expected = values.mean(), values.sum(), values.std(), values.min(), values.max()
        assert feature.moments == pytest.approx(expected, rel=1e-9)
        assert (feature.present, feature.missing, feature.numbers) == (100_000, 0, 100_000)


@pytest.mark.parametrize("offset", [0.0, 1e9])
def test_tally__pieces__have_numpys_moments_of_all(offset):
    values = np.random.RandomState(3).normal(size=3000) + offset
    tally = Tally(sketched=False)
    for piece in np.split(values, [1, 1, 40, 2000]):
        tally.add(np.concatenate([piece, [np.nan, np.inf]]))
    found = tally.counts()
    expected = values.mean(), values.sum(), values.std(), values.min(), values.max()
    assert found.moments == pytest.approx(expected, rel=1e-9)
    assert (found.present, found.numbers, found.integers, found.sketch) == (3005, 3000, 0, [])


def test_tally__one_value_again_and_again__has_no_deviation():
    tally = Tally(sketched=True)
    for _ in range(3):
        tally.add(np.full(7, 0.1))
    found = tally.counts()
    assert found.moments == (pytest.approx(0.1), pytest.approx(2.1), 0.0, 0.1, 0.1)
    assert found.sketch == [[0.1] * 21]


def test_tally__large_piece__keeps_the_middle_of_every_32_sorted_numbers():
    numbers = np.random.RandomState(4).permutation(65_536 + 31)
    tally = Tally(sketched=True)
    tally.add(np.concatenate([numbers, [np.nan, np.inf, -np.inf]]))
    found = tally.counts()
    assert (found.present, found.numbers) == (65_569, 65_567)
    largest = list(range(65_536, 65_567))
    assert found.sketch == [largest, [], [], [], [], list(range(16, 65_536, 32))]


def test_tally__pieces_of_many_sizes__stand_for_every_number_once():
    random = np.random.RandomState(5)
    sizes = [1, 2047, 4095, 4096, 5000, 30_000, 122_880]
    pieces = [random.lognormal(size=size) for size in sizes]
    tally = Tally(sketched=True)
    for piece in pieces:
        tally.add(piece)
    sketch = tally.counts().sketch
    assert sum(len(level) << height for height, level in enumerate(sketch)) == sum(sizes)
    values = np.concatenate(pieces)
    # 0.14 % of a sketch, which is 2.6 deviations, and 0.024 % of a sorted piece; this is 4.
    for quantile in (0.01, 0.1, 0.5, 0.9, 0.99):
        point = np.quantile(values, quantile)
        below = sum(np.sum(np.array(level) <= point) << h for h, level in enumerate(sketch))
        assert below / sum(sizes) == pytest.approx(quantile, abs=0.0024)


def test_sketch__hundred_thousand_rows__has_exact_ranks_within_half_a_percent(many):
    (first, _), (features, _) = many
    for feature in features:
        assert distances.size(feature.sketch) == 100_000
        assert sum(map(len, feature.sketch)) < 3 * 2048
        points, shares = distances.cumulated(feature.sketch)
        last = np.r_[points[1:] != points[:-1], True]
        exact = np.searchsorted(np.sort(first[feature.name]), points, side="right") / 100_000
        assert float(np.max(np.abs(shares - exact)[last])) < 0.005


def test_simple__hundred_thousand_rows__is_scipys_ks_statistic_within_half_a_percent(many):
    (first, second), features = many
    for one, other in zip(*features, strict=True):
        exact = stats.ks_2samp(first[one.name], second[one.name]).statistic
        assert distances.simple(one.sketch, other.sketch) == pytest.approx(exact, abs=0.005)


def test_simple__small_samples__equals_scipys_ks_statistic():
    random = np.random.RandomState(2)
    first, second = np.round(random.normal(0, 1, 60), 1), np.round(random.normal(0.5, 1, 90), 1)
    plain = distances.simple([np.sort(first)], [np.sort(second)])
    assert plain == pytest.approx(stats.ks_2samp(first, second).statistic, abs=1e-12)
    assert distances.robust(plain, 60, 90) == max(0.0, plain - 1.8 * (150 / 5400) ** 0.5)


def test_distances__a_side_without_values__are_nothing():
    assert distances.simple([[]], [[1.0]]) == 0.0
    assert distances.robust(0.5, 0, 9) == 0.0
    assert distances.l_infinity({}, {"a": 1}) == 0.0
    assert distances.chi_squared({}, {"a": 1}) == 0.0
    assert distances.chi_squared({"a": 1}, {"b": 1}) == 0.0


def test_l_infinity__shares_by_hand__is_the_largest_difference():
    # Shares 0.5, 0.5, 0 against 0.25, 0, 0.75.
    assert distances.l_infinity({"a": 2, "b": 2}, {"a": 1, "c": 3}) == 0.75


@pytest.mark.parametrize("observed", [(30, 30, 40), (20, 50, 30), (33, 33, 34), (90, 5, 5)])
def test_chi_squared__large_counts__equals_scipys_p_value(observed):
    baseline = {"a": 300, "b": 300, "c": 400}
    batch = dict(zip("abc", observed, strict=True))
    expected = stats.chisquare(observed, [30, 30, 40]).pvalue
    assert distances.chi_squared(baseline, batch) == pytest.approx(1 - expected, abs=1e-12)


def test_chi_squared__small_categories__are_put_together():
    # Expected 48 * (.5, .4, .06, .04) = 24, 19.2, 2.88, 1.92: the two small ones become one of 4.8,
    # still fewer than five, and join the next: 24 and 24 against 20 and 28.
    baseline = {"a": 50, "b": 40, "c": 6, "d": 4}
    batch = {"a": 20, "b": 20, "c": 4, "d": 4, "new": 7}
    expected = stats.chisquare([20, 28], [24, 24]).pvalue
    assert distances.chi_squared(baseline, batch) == pytest.approx(1 - expected, abs=1e-12)
