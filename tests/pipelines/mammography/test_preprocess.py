"""steps/preprocess.py: cleaning, rejection, split and outputs."""

from __future__ import annotations

import csv
import hashlib
import itertools
import json
import logging
from typing import TYPE_CHECKING

import pytest

from pipelines.mammography.steps import preprocess

if TYPE_CHECKING:
    from pathlib import Path

FEATURES = "bi_rads,age,shape,margin,density"
NAMES = [*FEATURES.split(","), "severity"]
FOLDERS = ("train", "validation", "test", "features", "rejected", "dataset")


def run(input_dir: Path, out: Path, **changes: str) -> int:
    options = {
        "features": FEATURES,
        "label": "severity",
        "seed": "7",
        "test-fraction": "0.25",
        "validation-fraction": "0.15",
        "maximum-rejected-fraction": "0.05",
        **changes,
    }
    argv = ["--input-dir", str(input_dir)]
    for folder in FOLDERS:
        argv += [f"--{folder}-dir", str(out / folder)]
    for name, value in options.items():
        argv += [f"--{name}", value]
    return preprocess.main(argv)


def rows_of(path: Path) -> list[list[str]]:
    return list(csv.reader(path.read_text().splitlines()))


def snapshot(folder: Path) -> dict[str, bytes]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_main__clean_table__splits_every_row_once_by_label(write, table, tmp_path):
    assert run(write("in/part.csv", table), tmp_path / "out") == 0
    out = tmp_path / "out"
    parts = {
        "train": rows_of(out / "train/train.csv"),
        "validation": rows_of(out / "validation/validation.csv"),
        "test": rows_of(out / "test/test.csv")[1:],
    }
    # 40 rows a label: 10 test, 6 validation, 24 train each.
    assert {name: len(rows) for name, rows in parts.items()} == {
        "train": 48,
        "validation": 12,
        "test": 20,
    }
    for rows in parts.values():
        assert sum(row[0] == "1" for row in rows) == len(rows) / 2
    expected = sorted([row[5], *("" if v == "?" else v for v in row[:5])] for row in table[1:])
    assert sorted(itertools.chain(*parts.values())) == expected


def test_main__clean_table__writes_headers_where_told(write, table, tmp_path):
    run(write("in/part.csv", table), tmp_path / "out")
    out = tmp_path / "out"
    assert rows_of(out / "test/test.csv")[0] == ["severity", *FEATURES.split(",")]
    assert rows_of(out / "features/features.csv")[0] == FEATURES.split(",")
    assert rows_of(out / "features/features.csv")[1:] == [
        row[1:] for row in rows_of(out / "train/train.csv")
    ]
    assert rows_of(out / "rejected/rejected.csv") == [["file", "line", "reason", "row"]]


def test_main__clean_table__records_the_dataset(write, table, tmp_path):
    write("in/b.csv", [table[0], *table[41:]])
    folder = write("in/a.csv", table[:41])
    assert run(folder, tmp_path / "out") == 0
    content = (folder / "a.csv").read_bytes() + (folder / "b.csv").read_bytes()
    assert json.loads((tmp_path / "out/dataset/dataset.json").read_text()) == {
        "sha256": hashlib.sha256(content).hexdigest(),
        "files": ["a.csv", "b.csv"],
        "rows": 80,
        "positive_rows": 40,
        "train_rows": 48,
        "validation_rows": 12,
        "test_rows": 20,
        "rejected_rows": 0,
        "rejected_reasons": {},
    }


def test_main__run_twice__writes_the_same_bytes(write, table, tmp_path):
    folder = write("in/part.csv", table)
    run(folder, tmp_path / "one")
    run(folder, tmp_path / "two")
    assert snapshot(tmp_path / "one") == snapshot(tmp_path / "two")


def test_split__other_order_of_rows__gives_the_same_parts(write, table):
    rows, _ = preprocess.read_file(write("in/part.csv", table) / "part.csv", NAMES)
    arguments = {"seed": 7, "test": 0.25, "validation": 0.15}
    assert preprocess.split(rows[::-1], **arguments) == preprocess.split(rows, **arguments)


def test_split__other_seed__gives_other_parts(write, table):
    rows, _ = preprocess.read_file(write("in/part.csv", table) / "part.csv", NAMES)
    first, second = (preprocess.split(rows, seed=s, test=0.25, validation=0.15) for s in (1, 2))
    assert first.test != second.test
    assert sorted(map(repr, itertools.chain(*first))) == sorted(map(repr, itertools.chain(*second)))


def test_main__malformed_rows_below_the_limit__rejects_them_with_reasons(write, table, tmp_path):
    bad = [
        ["4", "old", "1", "1", "3", "0"],
        ["4", "50", "1", "1", "0"],
        ["4", "50", "1", "1", "3", ""],
        ["4", "50", "1", "1", "3", "2"],
        ["4", "inf", "1", "1", "3", "1"],
    ]
    folder = write("in/part.csv", [*table, *bad])
    assert run(folder, tmp_path / "out", **{"maximum-rejected-fraction": "0.1"}) == 0
    assert rows_of(tmp_path / "out/rejected/rejected.csv")[1:] == [
        ["part.csv", "82", "age is not a number", "4,old,1,1,3,0"],
        ["part.csv", "83", "5 fields instead of 6", "4,50,1,1,0"],
        ["part.csv", "84", "severity is missing", "4,50,1,1,3,"],
        ["part.csv", "85", "severity is neither 0 nor 1", "4,50,1,1,3,2"],
        ["part.csv", "86", "age is not a number", "4,inf,1,1,3,1"],
    ]
    record = json.loads((tmp_path / "out/dataset/dataset.json").read_text())
    assert record["rows"] == 80
    assert record["rejected_rows"] == 5
    assert record["rejected_reasons"] == {
        "5 fields instead of 6": 1,
        "age is not a number": 2,
        "severity is missing": 1,
        "severity is neither 0 nor 1": 1,
    }


def test_main__bi_rads_55__is_kept_as_it_is(write, table, tmp_path):
    row = ["55", "46", "4", "3", "3", "1"]
    assert run(write("in/part.csv", [*table, row]), tmp_path / "out") == 0
    out = tmp_path / "out"
    everywhere = (
        rows_of(out / "train/train.csv")
        + rows_of(out / "validation/validation.csv")
        + rows_of(out / "test/test.csv")
    )
    assert ["1", "55", "46", "4", "3", "3"] in everywhere
    assert rows_of(out / "rejected/rejected.csv")[1:] == []


def test_main__columns_in_another_order_and_an_unknown_one__reads_by_name(write, table, tmp_path):
    run(write("in/part.csv", table), tmp_path / "one")
    moved = [[row[5], "x", *row[4::-1]] for row in table]
    moved[0] = ["severity", "note", *table[0][4::-1]]
    assert run(write("moved/part.csv", moved), tmp_path / "two") == 0
    first, second = snapshot(tmp_path / "one"), snapshot(tmp_path / "two")
    assert first.pop("dataset/dataset.json") != second.pop("dataset/dataset.json")
    assert first == second


TOO_MANY = "2 of 82 rows rejected, more than the fraction 0.02 that is allowed; the first: "


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        pytest.param(
            lambda t: [[*row[:3], *row[4:]] for row in t],
            "part.csv: missing column(s) margin; the first row must be a header with "
            "bi_rads, age, shape, margin, density, severity, but it is: "
            "bi_rads,age,shape,density,severity",
            id="missing column",
        ),
        pytest.param(
            lambda t: t[1:],
            "part.csv: missing column(s) bi_rads, age, shape, margin, density, severity; "
            "the first row must be a header",
            id="no header",
        ),
        pytest.param(
            lambda t: [[*row, row[0]] for row in t],
            "part.csv: column(s) bi_rads appear twice",
            id="repeated column",
        ),
        pytest.param(lambda t: [], "part.csv: the file is empty", id="empty file"),
        pytest.param(lambda t: t[:1], "no rows left: 0 read, 0 rejected", id="header only"),
        pytest.param(
            lambda t: [t[0], ["a", "b", "c", "d", "e", "f"]],
            "no rows left: 1 read, 1 rejected; the first: part.csv line 2: bi_rads is not a number",
            id="no rows left",
        ),
        pytest.param(
            lambda t: [*t, ["x"] * 6, ["y"] * 6],
            TOO_MANY + "part.csv line 82: bi_rads is not a number",
            id="too many rejected",
        ),
        pytest.param(
            lambda t: [t[0], *(row for row in t[1:] if row[5] == "0")],
            "only 0 row(s) have label 1: too few",
            id="one label only",
        ),
    ],
)
def test_main__unusable_input__fails_with_one_line_and_writes_nothing(
    write, table, caplog, rows, message
):
    folder = write("in/part.csv", rows(table))
    with caplog.at_level(logging.ERROR):
        code = run(folder, folder.parent / "out", **{"maximum-rejected-fraction": "0.02"})
    assert code == 1
    assert [record.message[: len(message)] for record in caplog.records] == [message]
    assert caplog.records[0].exc_info is None
    assert "\n" not in caplog.records[0].message
    assert not (folder.parent / "out").exists()


def test_main__folder_without_csv__names_the_folder(tmp_path, caplog):
    (tmp_path / "in").mkdir()
    assert run(tmp_path / "in", tmp_path / "out") == 1
    assert f"{tmp_path / 'in'}: no *.csv file" in caplog.text


def test_main__bytes_that_are_not_utf8__names_the_file(tmp_path, caplog):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/part.csv").write_bytes(b"bi_rads,age\n\xff\xfe,1\n")
    assert run(tmp_path / "in", tmp_path / "out") == 1
    assert "part.csv: not a UTF-8 CSV file" in caplog.text


def test_main__fractions_that_leave_nothing__says_so(write, table, tmp_path, caplog):
    folder = write("in/part.csv", table)
    assert run(folder, tmp_path / "out", **{"test-fraction": "0.9"}) == 1
    assert "fractions test 0.9 and validation 0.15 do not fit" in caplog.text
