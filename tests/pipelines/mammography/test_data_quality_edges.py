"""steps/data_quality on what files may hold: one test for each edge."""

from __future__ import annotations

import csv
import gzip
import json
import shutil

import duckdb
import pytest

from pipelines.mammography.steps.data_quality import command

ROWS = [[str(30 + index % 40), str(1 + index % 4)] for index in range(100)]


@pytest.fixture(scope="module")
def baseline(tmp_path_factory):
    """Returns the folder of the baseline of ROWS: a number `age`, a code `shape`."""
    folder = tmp_path_factory.mktemp("baseline")
    (folder / "in").mkdir()
    with (folder / "in/features.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows([["age", "shape"], *ROWS])
    options = ["--input-dir", str(folder / "in"), "--output-dir", str(folder)]
    assert command.main(["baseline", *options, "--categorical", "shape"]) == 0
    return folder


@pytest.fixture
def check(baseline, tmp_path):
    """Returns a function that writes files into a batch and returns check.json."""

    def run(files: dict[str, bytes], *more: str, exit_code: int = 0):
        for name, content in files.items():
            path = tmp_path / "batch" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        out = tmp_path / "out"
        shutil.rmtree(out, ignore_errors=True)
        argv = ["check", "--input-dir", str(tmp_path / "batch"), "--output-dir", str(out)]
        argv += ["--statistics-dir", str(baseline), "--constraints-dir", str(baseline)]
        assert command.main([*argv, *more]) == exit_code
        return None if exit_code else json.loads((out / "check.json").read_text())

    return run


def text(rows, header=("age", "shape"), end="\n") -> bytes:
    lines = [header, *rows] if header else rows
    return "".join(",".join(line) + end for line in lines).encode()


def parquet(path, query: str) -> bytes:
    duckdb.connect().execute(f"COPY ({query}) TO '{path}' (FORMAT parquet)")
    return path.read_bytes()


SAME = "SELECT 30 + range % 40 AS age, CAST(1 + range % 4 AS VARCHAR) AS shape FROM range(100)"


def summary(found) -> tuple[object, ...]:
    return found["summary"], found["rows"]


@pytest.mark.parametrize(
    ("files", "more"),
    [
        pytest.param({"b.csv": text(ROWS)}, (), id="header"),
        pytest.param({"b.csv": text(ROWS, end="\r\n")}, (), id="CRLF"),
        pytest.param({"b.csv": b"\xef\xbb\xbf" + text(ROWS)}, (), id="byte order mark"),
        pytest.param(
            {"b.csv": text(ROWS, header=None)}, ("--columns", "age,shape"), id="no header"
        ),
        pytest.param({"b.csv.gz": gzip.compress(text(ROWS))}, (), id="gzip"),
        pytest.param(
            {f"day={n}/part-{n}.csv": text(ROWS[10 * n : 10 * n + 10]) for n in range(10)},
            (),
            id="prefix of many files",
        ),
        pytest.param(
            {"b.csv": text([row[::-1] for row in ROWS], header=("shape", "age"))},
            (),
            id="column order changed",
        ),
        pytest.param(
            {
                "a.csv": text(ROWS[:50]),
                "b.csv": text([row[::-1] for row in ROWS[50:]], header=("shape", "age")),
            },
            (),
            id="column order changed in one file",
        ),
    ],
)
def test_check__same_rows_in_another_form__finds_nothing(check, files, more):
    assert summary(check(files, *more)) == ("no violation", 100)


def test_check__parquet__reads_numbers_and_codes(check, tmp_path):
    first = parquet(tmp_path / "a", f"{SAME} WHERE range < 50")
    second = parquet(tmp_path / "b", f"{SAME} WHERE range >= 50")
    assert summary(check({"x/a.parquet": first, "y/b.parquet": second})) == ("no violation", 100)


def test_check__parquet_codes_as_numbers__are_the_same_codes(check, tmp_path):
    query = SAME.replace("CAST(1 + range % 4 AS VARCHAR)", "CAST(1 + range % 4 AS DOUBLE)")
    assert summary(check({"a.parquet": parquet(tmp_path / "a", query)})) == ("no violation", 100)


def test_check__infinities_and_nan_in_parquet__are_no_numbers_and_missing(check, tmp_path):
    age = (
        "CASE WHEN range < 20 THEN 'inf'::DOUBLE WHEN range < 30 THEN 'nan'::DOUBLE ELSE range END"
    )
    query = SAME.replace("30 + range % 40", age)
    found = check({"a.parquet": parquet(tmp_path / "a", query)}, "--warn", "")
    assert found["features"]["age"]["completeness"] == 0.9
    assert found["features"]["age"]["type_match"] == pytest.approx(70 / 90)
    assert "age: data_type_check" in found["summary"]


def test_check__infinities_in_text__are_text(check):
    rows = [["inf" if i % 5 == 0 else age, shape] for i, (age, shape) in enumerate(ROWS)]
    found = check({"b.csv": text(rows)})
    assert (found["summary"], found["features"]["age"]["type_match"]) == (
        "age: data_type_check",
        0.8,
    )


def test_check__mixed_types__are_a_violation(check):
    rows = [["old" if i % 5 == 0 else age, shape] for i, (age, shape) in enumerate(ROWS)]
    assert summary(check({"b.csv": text(rows)})) == ("age: data_type_check", 100)


@pytest.mark.parametrize("content", [b"", b"\n\n"])
def test_check__empty_file__says_so(check, caplog, content):
    check({"b.csv": content}, exit_code=1)
    assert "b.csv: the file is empty; expected a header row" in caplog.text


def test_check__no_rows__says_so(check, caplog, tmp_path):
    check({"b.csv": text([])}, exit_code=1)
    assert "b.csv: no rows: the batch is empty" in caplog.text
    (tmp_path / "batch/b.csv").unlink()
    check({"b.parquet": parquet(tmp_path / "a", f"{SAME} WHERE range < 0")}, exit_code=1)
    assert "b.parquet: no rows: the batch is empty" in caplog.text


def test_check__one_row__is_too_few_to_compare(check):
    found = check({"b.csv": text(ROWS[:1])})
    assert (found["severity"], found["drifted"], found["rows"]) == ("warn", "false", 1)


def test_check__column_without_any_value__is_incomplete(check):
    found = check({"b.csv": text([["", shape] for _, shape in ROWS])})
    assert found["summary"] == "age: completeness_check"
    assert "distance" not in found["features"]["age"]


def test_check__constant_column__drifts_with_a_histogram_that_counts_every_row(check, tmp_path):
    found = check({"b.csv": text([["50", shape] for _, shape in ROWS])})
    assert found["summary"] == "age: baseline_drift_check"
    statistics = json.loads((tmp_path / "out/statistics.json").read_text())
    kll = statistics["features"][0]["numerical_statistics"]["distribution"]["kll"]
    assert [bucket["count"] for bucket in kll["buckets"]] == [0.0] * 9 + [100.0]


def test_check__vanished_category__drifts(check):
    rows = [[age, "1" if shape in "234" else shape] for age, shape in ROWS]
    assert check({"b.csv": text(rows)})["worst_features"] == "shape (distance 0.75 over 0.3)"


def test_check__new_category__is_outside_of_the_domain(check):
    rows = [[age, "9" if i % 8 == 1 else shape] for i, (age, shape) in enumerate(ROWS)]
    assert check({"b.csv": text(rows)})["summary"] == "shape: categorical_values_check"


def test_check__extra_column__warns(check):
    rows = [[*row, "x"] for row in ROWS]
    found = check({"b.csv": text(rows, header=("age", "shape", "site"))})
    assert (found["summary"], found["severity"]) == ("site: extra_column_check", "warn")


def test_check__missing_header__says_what_stands_there(check, caplog):
    check({"b.csv": text(ROWS, header=None)}, exit_code=1)
    assert (
        "b.csv: the first row is not a header: 30,1; give the names with --columns" in caplog.text
    )


@pytest.mark.parametrize("header", [("age", "age"), ("age", " Age")])
def test_check__duplicate_columns__are_refused(check, caplog, header):
    check({"b.csv": text(ROWS, header=header)}, exit_code=1)
    assert "b.csv: a column appears twice: age," in caplog.text


def test_check__quoted_line_breaks_and_quotes__stay_in_their_fields(check, tmp_path):
    lines = "".join(f'"{age}","{shape}","a ""b""\n\nc, d"\n' for age, shape in ROWS)
    found = check({"b.csv": f"age,shape,note\n{lines}".encode()})
    assert summary(found) == ("note: extra_column_check", 100)
    statistics = json.loads((tmp_path / "out/statistics.json").read_text())
    buckets = statistics["features"][2]["string_statistics"]["distribution"]["categorical"][
        "buckets"
    ]
    assert buckets == [{"value": 'a "b"\n\nc, d', "count": 100}]


def test_check__utf_8__is_kept(check):
    rows = [[age, "größer" if i % 8 == 1 else shape] for i, (age, shape) in enumerate(ROWS)]
    assert "shape (categorical values)" in check({"b.csv": text(rows)})["worst_features"]


@pytest.mark.parametrize("where", [0, 4000])
def test_check__bad_bytes__name_the_file(check, caplog, where):
    content = text(ROWS * 20)
    check({"b.csv": content[:where] + b"\xff" + content[where:]}, exit_code=1)
    assert "b.csv: not a UTF-8 CSV file" in caplog.text


def test_check__gzip_that_is_none__names_the_file(check, caplog):
    check({"b.csv.gz": text(ROWS)}, exit_code=1)
    assert "b.csv.gz: not a UTF-8 CSV file" in caplog.text


def test_check__parquet_that_is_none__names_the_folder(check, caplog):
    check({"b.parquet": text(ROWS)}, exit_code=1)
    assert "batch: DuckDB cannot read the rows" in caplog.text


def test_check__both_kinds_of_files__are_refused(check, caplog, tmp_path):
    check({"a.csv": text(ROWS), "b.parquet": parquet(tmp_path / "a", SAME)}, exit_code=1)
    assert "batch: both CSV and Parquet files; give one kind" in caplog.text


def test_check__numbers_beyond_addition__name_the_column(check, caplog):
    check({"b.csv": text([["1e308", shape] for _, shape in ROWS])}, exit_code=1)
    assert "age: its numbers are too large to be added up" in caplog.text


@pytest.mark.slow
def test_baseline__ten_thousand_columns__are_all_described(tmp_path):
    names = [f"c{n}" for n in range(10_000)]
    fields = ", ".join(f"range % 97 + {n} AS {name}" for n, name in enumerate(names))
    (tmp_path / "in").mkdir()
    parquet(tmp_path / "in/wide.parquet", " ".join(["SELECT", fields, "FROM range(100)"]))
    options = ["--input-dir", str(tmp_path / "in"), "--output-dir", str(tmp_path / "out")]
    assert command.main(["baseline", *options]) == 0
    found = json.loads((tmp_path / "out/statistics.json").read_text())["features"]
    ends = [(f["name"], f["numerical_statistics"]["max"]) for f in found]
    assert ends == [(name, 96.0 + n) for n, name in enumerate(names)]
