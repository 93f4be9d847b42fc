"""The pandas peer of the benchmark does the data-quality step's work: both write the same."""

from __future__ import annotations

import json

import duckdb
import numpy as np
import pytest

from pipelines.mammography.steps.data_quality import command

from ...bench import profiling_pandas

# At most 2048 rows, of which the step's sketches keep every value.
QUERY = (
    "SELECT range * range / 7 - 40 AS fraction, range % 91 AS whole, 'c' || range % 12 AS code, "
    "CASE range % 6 WHEN 0 THEN NULL WHEN 1 THEN 'nan'::DOUBLE WHEN 2 THEN 'inf'::DOUBLE "
    "ELSE sqrt(range) END AS gaps, "
    "CASE range % 7 WHEN 0 THEN '3' WHEN 1 THEN ' 3.0 ' WHEN 2 THEN '?' WHEN 3 THEN NULL "
    "WHEN 4 THEN '' WHEN 5 THEN '2.5' ELSE 'b' END AS untidy, "
    "'free ' || range AS free FROM range(2000)"
)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Returns a reader of what the step wrote, and the peer with each way to quantiles."""
    folder = tmp_path_factory.mktemp("peers")
    path = folder / "in/rows.parquet"
    path.parent.mkdir()
    duckdb.connect().execute(f"COPY ({QUERY}) TO '{path}' (FORMAT parquet)")
    options = ["--input-dir", str(path.parent), "--output-dir", str(folder / "step")]
    assert command.main(["baseline", *options]) == 0
    profiling_pandas.profile(path, folder / "pandas")
    profiling_pandas.profile(path, folder / "sorted", profiling_pandas.by_sorting)
    return lambda who, name: json.loads((folder / who / f"{name}.json").read_text())["features"]


def distribution(feature):
    """Takes the distribution's values out of a feature of statistics.json."""
    found = feature.get("numerical_statistics", {"distribution": {}})["distribution"]
    sketch = found.get("kll", {}).pop("sketch", None)
    return sketch["data"][0] if sketch else found.pop("quantiles", [])


def test_profile__same_file__has_the_steps_distributions(written):
    of_step, of_pandas, of_sorted = (
        [distribution(feature) for feature in written(who, "statistics")]
        for who in ("step", "pandas", "sorted")
    )
    assert [len(values) for values in of_step] == [2000, 2000, 0, 999, 0, 0]
    for exact, quantiles, nearest in zip(of_step, of_pandas, of_sorted, strict=True):
        if exact:
            expected = np.quantile(exact, profiling_pandas.SHARES)
            assert quantiles == pytest.approx(expected, rel=1e-9, abs=1e-9)
            places = np.rint(profiling_pandas.SHARES * (len(exact) - 1)).astype(int)
            assert nearest == [exact[place] for place in places]


@pytest.mark.parametrize("who", ["pandas", "sorted"])
def test_profile__same_file__has_the_steps_other_statistics(written, who):
    ours, peers = written("step", "statistics"), written(who, "statistics")
    for feature in (*ours, *peers):
        distribution(feature)
    assert flat(peers) == pytest.approx(flat(ours), rel=1e-9)


def test_profile__same_file__has_the_steps_constraints(written):
    assert written("pandas", "constraints") == written("step", "constraints")


def flat(content, path=()):
    """Returns every leaf of some JSON by its path."""
    if isinstance(content, dict):
        parts = content.items()
    elif isinstance(content, list):
        parts = enumerate(content)
    else:
        return {path: content}
    return {key: leaf for name, part in parts for key, leaf in flat(part, (*path, name)).items()}
