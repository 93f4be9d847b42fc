"""The data-quality step's profile of a large Parquet file, against pandas and bare DuckDB.

Writes the file to a temporary folder; runs whole processes that read it.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
from mammography import ROOT, row
from measure import Pair, Process, Usage, compare, measure

if TYPE_CHECKING:
    from collections.abc import Sequence

ROWS, MANY_ROWS = 5_000_000, 50_000_000
NUMBERS, WHOLE, CODES = 14, 3, 3
MEMORY_MB = 1000
RUNS = 3
STEP = ROOT / "pipelines" / "mammography" / "steps"
PEERS = Path(__file__).with_name("profiling_peers.py")


@dataclass(frozen=True)
class Found:
    """What was found.

    Attributes:
        duckdb: ours against the bare aggregate.
        pandas: ours against pandas, which does the same work.
        sorting: ours against that with numpy's sort in place of pandas' quantiles.
        many: ours over ten times the rows; None when that was not measured.
    """

    duckdb: Pair
    pandas: Pair
    sorting: Pair
    many: Usage | None


def write_rows(path: Path, rows: int) -> None:
    """Write random rows: NUMBERS fractions, WHOLE integers and CODES of a few categories."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fields = [f"random() * {n + 1} + random() AS n{n}" for n in range(NUMBERS)]
    fields += [f"CAST(floor(random() * 1000) AS BIGINT) AS i{n}" for n in range(WHOLE)]
    fields += [f"'c' || CAST(floor(random() * {10 + n}) AS INT) AS s{n}" for n in range(CODES)]
    query = f"SELECT {', '.join(fields)} FROM range({rows})"  # noqa: S608 - fixed words
    duckdb.connect().execute(f"COPY ({query}) TO '{path}' (FORMAT parquet)")


def ours(folder: Path) -> Process:
    """Return the baseline of every file of a folder, by the step itself."""
    start = (
        f"import sys; sys.path.insert(0, {str(STEP)!r}); from data_quality.command import main; "
    )
    options = ["baseline", "--input-dir", str(folder), "--output-dir", str(folder / "out")]
    return Process([sys.executable, "-c", f"{start}sys.exit(main({options!r}))"])


def peer(name: str, folder: Path) -> Process:
    """Return what a peer does with the same file."""
    files = [str(folder / "rows.parquet"), str(folder / name)]
    return Process([sys.executable, str(PEERS), name, *files])


def run(folder: Path, *, with_many: bool) -> Found:
    """Time all; `with_many` needs 6 GB of disk and some minutes."""
    small = folder / "small"
    write_rows(small / "rows.parquet", ROWS)
    many = None
    if with_many:
        write_rows(folder / "many" / "rows.parquet", MANY_ROWS)
        many = measure([ours(folder / "many")], folder, {})
    return Found(
        compare([ours(small)], [peer("duckdb", small)], folder, {}, runs=RUNS),
        compare([ours(small)], [peer("pandas", small)], folder, {}, runs=RUNS),
        compare([ours(small)], [peer("sorting", small)], folder, {}, runs=RUNS),
        many,
    )


def lines(found: Found) -> Sequence[str]:
    """Return the rows of the page's table, and what became of ten times the rows."""
    title = f"profile of {ROWS // 1_000_000} million rows x 20 (`baseline`)"
    return [
        row(title, found.duckdb, "bare DuckDB with approximate quantiles", "at most 2.00"),
        row(title, found.pandas, "the same work in pandas, exact", "at most 0.25"),
        row(title, found.sorting, "that, with numpy's sort for quantiles", "none"),
    ]


def memory(found: Found) -> str:
    """Return what became of ten times the rows."""
    if found.many is None:
        return f"Memory over {MANY_ROWS // 1_000_000} million rows: not measured in this run."
    return (
        f"Over {MANY_ROWS // 1_000_000} million rows the profile took {found.many.seconds:.0f} s "
        f"and {found.many.megabytes:.0f} MB; the target is under {MEMORY_MB} MB, whatever the size."
    )
