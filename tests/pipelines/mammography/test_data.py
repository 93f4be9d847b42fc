"""data.py and stand_in.py: sources, splits, planted drifts, determinism."""

from __future__ import annotations

import csv
import json
import logging
from typing import TYPE_CHECKING
from urllib.error import URLError

import pytest

from pipelines.mammography import data, stand_in

if TYPE_CHECKING:
    from pathlib import Path


def rows_of(path: Path) -> list[list[str]]:
    return list(csv.reader(path.read_text().splitlines()))


def snapshot(folder: Path) -> dict[str, bytes]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def refuse() -> bytes:
    raise URLError("no network")


def forbidden() -> bytes:
    raise AssertionError("must not download")


def test_find_source__given_path__wins_over_a_kept_file(tmp_path):
    given, kept = tmp_path / "mine.data", tmp_path / "kept.data"
    given.write_bytes(b"1,2,3,4,5,0\n")
    kept.write_bytes(b"other")
    assert data.find_source(given, kept, forbidden) == data.Source("given", b"1,2,3,4,5,0\n")


def test_find_source__kept_file__needs_no_download(real_data, tmp_path):
    kept = tmp_path / "kept.data"
    kept.write_bytes(real_data.read_bytes())
    found = data.find_source(None, kept, forbidden)
    assert found == data.Source("kept", real_data.read_bytes())


def test_find_source__download__is_verified_and_kept(real_data, tmp_path):
    kept = tmp_path / "data" / "kept.data"
    found = data.find_source(None, kept, real_data.read_bytes)
    assert found == data.Source("downloaded", real_data.read_bytes())
    assert kept.read_bytes() == real_data.read_bytes()


def test_find_source__no_network__announces_the_stand_in(tmp_path, caplog):
    found = data.find_source(None, tmp_path / "kept.data", refuse)
    assert found == data.Source("generated", stand_in.generate(data.SEED))
    assert "NOTICE: mammographic_masses.data cannot be downloaded" in caplog.text
    assert "GENERATED STAND-IN" in caplog.text
    assert not (tmp_path / "kept.data").exists()


def test_find_source__kept_file_of_another_digest__says_what_to_do(tmp_path):
    kept = tmp_path / "kept.data"
    kept.write_bytes(b"tampered")
    with pytest.raises(data.DataError, match=r"kept\.data: SHA-256 is .*, expected 2ed8bb60") as e:
        data.find_source(None, kept, forbidden)
    assert "remove the file and run again, or pass a file of your own with --data" in str(e.value)


def test_find_source__download_of_another_digest__is_refused_and_not_kept(tmp_path):
    kept = tmp_path / "kept.data"
    with pytest.raises(data.DataError, match=r"archive\.ics\.uci\.edu.*SHA-256 is"):
        data.find_source(None, kept, lambda: b"<html>sign in</html>")
    assert not kept.exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"1,2,3\n", "data line 1: 3 fields instead of 6 (bi_rads, age, shape, margin, density"),
        (b"1,2,3,4,5,0\n" * 10, "the data has 10 rows; at least 384 are needed"),
        (b"\xff\xfe", "the data is not UTF-8 CSV"),
    ],
)
def test_main__unusable_file__fails_with_one_line_and_writes_nothing(
    tmp_path, caplog, content, message
):
    (tmp_path / "mine.data").write_bytes(content)
    with caplog.at_level(logging.ERROR):
        code = data.main(["--out", str(tmp_path / "out"), "--data", str(tmp_path / "mine.data")])
    assert code == 1
    assert [record.message[: len(message)] for record in caplog.records] == [message]
    assert not (tmp_path / "out").exists()


def test_main__given_path_that_is_missing__names_it(tmp_path, caplog):
    missing = tmp_path / "none.data"
    assert data.main(["--out", str(tmp_path / "out"), "--data", str(missing)]) == 1
    assert f"--data {missing}: cannot be read (No such file or directory)" in caplog.text


def test_main__real_file__writes_disjoint_parts_of_all_rows(real_data, prepared):
    header = ["bi_rads", "age", "shape", "margin", "density", "severity"]
    parts = [rows_of(prepared / f"training/part-{number}.csv") for number in (1, 2)]
    assert [part[0] for part in parts] == [header, header]
    assert [len(part) - 1 for part in parts] == [385, 384]
    scored = []
    for number in range(1, data.CLEAN_BATCHES + 1):
        batch = rows_of(prepared / f"batches/clean-{number}.csv")
        labels = rows_of(prepared / f"labels/clean-{number}.csv")
        assert batch[0] == ["id", *header[:-1]]
        assert labels[0] == ["id", "severity"]
        assert [row[0] for row in batch[1:]] == [row[0] for row in labels[1:]]
        assert len(batch) - 1 == 48
        scored += [[*row[1:], label[1]] for row, label in zip(batch[1:], labels[1:], strict=True)]
    everything = [line.replace("?", "") for line in real_data.read_text().split()]
    used = [",".join(row) for row in [*parts[0][1:], *parts[1][1:], *scored]]
    assert sorted(used) == sorted(everything)


def test_main__real_file__plants_one_drift_in_each_drifted_batch(prepared):
    clean = rows_of(prepared / "batches/clean-4.csv")

    def drifted(name: str) -> list[list[str]]:
        return rows_of(prepared / f"batches/drifted-{name}.csv")

    for before, after in zip(clean[1:], drifted("age")[1:], strict=True):
        expected = str(int(before[2]) + 20) if before[2] else ""
        assert after == [*before[:2], expected, *before[3:]]
    new = [row[3] == "5" for row in drifted("category")[1:]]
    assert new == [index % 3 == 0 for index in range(48)]
    assert all(row[3] != "5" for row in clean)
    assert drifted("missing-column") == [[*row[:4], *row[5:]] for row in clean]
    lost = [row[4:] == ["", ""] for row in drifted("missing-values")[1:]]
    assert lost[::2] == [True] * 24


def test_main__real_file__records_source_and_counts(prepared):
    manifest = json.loads((prepared / "manifest.json").read_text())
    assert (manifest["source"], manifest["sha256"]) == ("given", data.SHA256)
    assert sum(manifest["rows"][f"training/part-{n}.csv"] for n in (1, 2)) == 769


def test_write__same_source_twice__writes_the_same_bytes(tmp_path):
    source = data.Source("generated", stand_in.generate(1))
    for name in ("one", "two"):
        data.write(source, tmp_path / name)
    assert snapshot(tmp_path / "one") == snapshot(tmp_path / "two")


def test_generate__any_seed__has_the_real_files_form():
    rows = [line.split(",") for line in stand_in.generate(1).decode().split()]
    assert len(rows) == 961
    assert {len(row) for row in rows} == {6}
    assert {row[5] for row in rows} == {"0", "1"}
    assert rows[0][0] == "55"
    assert sum(row[4] == "?" for row in rows) > 30
    assert stand_in.generate(1) != stand_in.generate(2)
