"""steps/prepare_batch.py: from a batch with a header to the model's CSV."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from pipelines.mammography.steps import prepare_batch

if TYPE_CHECKING:
    from pathlib import Path

HEADER = ["id", "bi_rads", "age", "shape", "margin", "density"]
ROWS = [
    ["case-1", "4", "50", "1", "?", "3"],
    ["case-2", "55", " 61.5 ", "4", "5", ""],
    ["case-3", "2.0", "33", "2", "1", "2"],
]


def run(input_dir: Path, out: Path, limit: str = "0.05") -> int:
    return prepare_batch.main(
        [
            *("--input-dir", str(input_dir)),
            *("--batch-dir", str(out / "batch")),
            *("--rejected-dir", str(out / "rejected")),
            *("--id", "id"),
            *("--features", "bi_rads,age,shape,margin,density"),
            *("--maximum-rejected-fraction", limit),
        ]
    )


def test_main__clean_batch__writes_identifier_and_features_without_header(write, tmp_path):
    assert run(write("in/batch.csv", [HEADER, *ROWS]), tmp_path) == 0
    assert (tmp_path / "batch/batch.csv").read_text() == (
        "case-1,4,50,1,,3\ncase-2,55,61.5,4,5,\ncase-3,2,33,2,1,2\n"
    )
    assert (tmp_path / "rejected/rejected.csv").read_text() == "file,line,reason,row\n"


def test_main__batch_of_one_row__is_prepared(write, tmp_path):
    assert run(write("in/batch.csv", [HEADER, ROWS[1]]), tmp_path) == 0
    assert (tmp_path / "batch/batch.csv").read_text() == "case-2,55,61.5,4,5,\n"


def test_main__columns_in_another_order__writes_the_models_order(write, tmp_path):
    moved = [row[::-1] for row in [HEADER, *ROWS]]
    assert run(write("in/batch.csv", moved), tmp_path) == 0
    assert (tmp_path / "batch/batch.csv").read_text().startswith("case-1,4,50,1,,3\n")


def test_main__malformed_rows_below_the_limit__rejects_them_with_reasons(write, tmp_path):
    bad = [
        ["case-1", "4", "50", "1", "1", "3"],
        ["", "4", "50", "1", "1", "3"],
        ["case,4", "4", "50", "1", "1", "3"],
        ["case-5", "4", "fifty", "1", "1", "3"],
        ["case-6", "4", "50"],
    ]
    assert run(write("in/batch.csv", [HEADER, *ROWS, *bad]), tmp_path, limit="0.9") == 0
    named = "id is missing or has characters other than A-Za-z0-9._:/-"
    assert (tmp_path / "rejected/rejected.csv").read_text().splitlines()[1:] == [
        'batch.csv,5,id appears twice,"case-1,4,50,1,1,3"',
        f'batch.csv,6,{named},",4,50,1,1,3"',
        f'batch.csv,7,{named},"case,4,4,50,1,1,3"',
        'batch.csv,8,age is not a number,"case-5,4,fifty,1,1,3"',
        'batch.csv,9,3 fields instead of 6,"case-6,4,50"',
    ]
    assert len((tmp_path / "batch/batch.csv").read_text().splitlines()) == 3


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        pytest.param(
            [HEADER[:4] + HEADER[5:], ["case-1", "4", "50", "1", "3"]],
            "batch.csv: missing column(s) margin; the first row must be a header",
            id="missing column",
        ),
        pytest.param(ROWS, "batch.csv: missing column(s) id, bi_rads", id="no header"),
        pytest.param(
            [[*HEADER, "id"]], "batch.csv: column(s) id appear twice", id="repeated column"
        ),
        pytest.param([], "batch.csv: the file is empty", id="empty file"),
        pytest.param([HEADER], "no rows left: 0 read, 0 rejected", id="header only"),
        pytest.param(
            [HEADER, ["case-1", "x", "1", "1", "1", "1"]],
            "no rows left: 1 read, 1 rejected; the first: batch.csv line 2: "
            "bi_rads is not a number",
            id="no rows left",
        ),
        pytest.param(
            [HEADER, *ROWS, ["case-9", "1", "1", "1", "nan", "1"]],
            "1 of 4 rows rejected, more than the fraction 0.05 that is allowed; the first: "
            "batch.csv line 5: margin is not a number",
            id="too many rejected",
        ),
    ],
)
def test_main__unusable_batch__fails_with_one_line_and_writes_nothing(
    write, tmp_path, caplog, rows, message
):
    folder = write("in/batch.csv", rows)
    with caplog.at_level(logging.ERROR):
        assert run(folder, tmp_path / "out") == 1
    assert [record.message[: len(message)] for record in caplog.records] == [message]
    assert not (tmp_path / "out").exists()


def test_main__folder_without_csv__names_the_folder(tmp_path, caplog):
    assert run(tmp_path / "in", tmp_path / "out") == 1
    assert f"{tmp_path / 'in'}: no *.csv file" in caplog.text


def test_main__bytes_that_are_not_utf8__names_the_file(tmp_path, caplog):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/batch.csv").write_bytes(b"id\n\xff\n")
    assert run(tmp_path / "in", tmp_path / "out") == 1
    assert "batch.csv: not a UTF-8 CSV file" in caplog.text
