"""steps/data_quality over several processes: the same description, and what may go wrong."""

from __future__ import annotations

import os

import duckdb
import pytest

from pipelines.mammography.steps.data_quality.describing import describe
from pipelines.mammography.steps.data_quality.errors import BadInputError
from pipelines.mammography.steps.data_quality.reading import Part, Table, open_table
from pipelines.mammography.steps.data_quality.sharing import describe_in_processes, processes_for

QUERY = (
    "SELECT range / 7 AS a, CASE WHEN range % 5 > 0 THEN range END AS b, 'c' || range % 3 AS n, "
    "CAST(range % 4 AS VARCHAR) AS d, range % 2 AS e FROM range(1000)"
)


@pytest.fixture
def folder(tmp_path):
    duckdb.connect().execute(f"COPY ({QUERY}) TO '{tmp_path / 'rows.parquet'}' (FORMAT parquet)")
    return tmp_path


def table_of(rows, columns, *, typed=True):
    names = {f"c{n}": typed for n in range(columns)}
    return Table(None, "rows", [Part("rows", "rowid", rows)], names, typed)


def test_describe_in_processes__two_of_them__find_what_one_finds(folder):
    with open_table(folder, ["x"]) as table:
        expected = describe(table, ["e"], ["b"])
        assert describe_in_processes(table, 2, ["e"], ["b"]) == expected
    assert [feature.name for feature in expected] == ["a", "b", "n", "d", "e"]
    assert expected[2].categories == {"c0": 334, "c1": 333, "c2": 333}


class Deadly:
    """Ends the process that unpickles it, as the kernel does when memory runs out."""

    def __reduce__(self):
        return os._exit, (9,)

    def __contains__(self, _):
        return False


def test_describe_in_processes__one_is_ended_from_outside__asks_for_memory(folder):
    with open_table(folder, []) as table:
        with pytest.raises(BadInputError, match="an instance with more memory"):
            describe_in_processes(table, 2, Deadly())


def test_describe_in_processes__file_is_gone__is_a_bad_input(folder):
    with pytest.raises(BadInputError, match="DuckDB cannot read the rows"):
        with open_table(folder, []) as table:
            (folder / "rows.parquet").unlink()
            describe_in_processes(table, 2)


@pytest.mark.parametrize(
    ("table", "most"),
    [
        pytest.param(table_of(48, 20), 1, id="small"),
        pytest.param(table_of(1_999_999, 20), 1, id="not enough for two"),
        pytest.param(table_of(5_000_000, 20, typed=False), 1, id="CSV"),
        pytest.param(table_of(50_000_000, 1), 1, id="one column"),
        pytest.param(table_of(2_000_000, 20), 2, id="enough for two"),
        pytest.param(table_of(50_000_000, 20), 4, id="large"),
    ],
)
def test_processes_for__table__is_at_most_one_for_each_core(table, most):
    assert processes_for(table) == min(most, len(os.sched_getaffinity(0)))
