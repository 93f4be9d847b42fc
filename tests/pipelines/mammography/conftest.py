"""Fixtures for the mammography use case: its files, the real data, and small seeded tables."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
REAL_DATA = ROOT.parent / "shared" / "data" / "mammographic_masses.data"

Write = Callable[[str, Iterable[Sequence[object]]], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Returns a function that writes a CSV file below tmp_path and returns its folder."""

    def write_table(name: str, rows: Iterable[Sequence[object]]) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, lineterminator="\n").writerows(rows)
        return path.parent

    return write_table


@pytest.fixture
def table() -> list[list[str]]:
    """Returns a header and 80 rows with both labels and some missing values."""
    source = random.Random(5)  # noqa: S311 - test data
    rows = [["bi_rads", "age", "shape", "margin", "density", "severity"]]
    for index in range(80):
        age = "?" if index % 20 == 3 else str(source.randint(30, 80))
        codes = [str(source.randint(1, 4)) for _ in range(2)]
        density = "" if index % 10 == 7 else str(source.randint(1, 4))
        rows.append([str(source.randint(2, 5)), age, *codes, density, str(index % 2)])
    return rows


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Returns the real file, or skips the test where it is not at hand."""
    if not REAL_DATA.exists():
        pytest.skip("the real data set is not on this machine")
    return REAL_DATA


@pytest.fixture(scope="session")
def prepared(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns the folder into which data.py has prepared the real file."""
    from pipelines.mammography import data

    out = tmp_path_factory.mktemp("prepared")
    assert data.main(["--out", str(out), "--data", str(real_data)]) == 0
    return out
