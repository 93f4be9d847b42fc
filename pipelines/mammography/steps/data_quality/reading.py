"""Opens the files of a folder as one table in DuckDB, without reading them into memory.

Takes `*.csv`, `*.csv.gz` and `*.parquet`, also in folders below (a prefix of many files). Parquet
is read where it lies. CSV is read once into a table, of which DuckDB writes what exceeds its memory
to the temporary folder (TMPDIR).
"""

from __future__ import annotations

import contextlib
import tempfile
from typing import TYPE_CHECKING, Any, Iterator, NamedTuple, Sequence

import duckdb

from . import csv_files
from .errors import BadInputError
from .sql import literal

if TYPE_CHECKING:
    from pathlib import Path

MEMORY_LIMIT_MB = 512
"""Of DuckDB, in all processes; more is written to the temporary folder."""

OPTIONS = "hive_partitioning=false"
"""Names of folders are no data."""

NUMERIC = ("INT", "DOUBLE", "FLOAT", "DECIMAL")
"""Parts of the names of DuckDB's numeric types (https://duckdb.org/docs/stable/sql/data_types)."""


class Part(NamedTuple):
    """A piece of the table whose rows have numbers.

    Attributes:
        source: What stands after FROM.
        row: Name of the column with the row's number, 0 to rows - 1.
        rows: How many rows it has.
    """

    source: str
    row: str
    rows: int


class Table(NamedTuple):
    """Rows of all files, by column.

    Attributes:
        connection: Where `source` and the parts can be selected from.
        source: What stands after FROM for all rows.
        parts: The same rows in pieces.
        numeric: By column name, in the files' order: whether the file itself says that it holds
            numbers. Text that reads as numbers is not counted here.
        typed: Whether the file says so at all; in CSV everything is text.
    """

    connection: Any
    source: str
    parts: list[Part]
    numeric: dict[str, bool]
    typed: bool

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return sum(part.rows for part in self.parts)


@contextlib.contextmanager
def open_table(
    directory: Path, ignored: Sequence[str], columns: Sequence[str] = ()
) -> Iterator[Table]:
    """Opens the files of a folder.

    Args:
        directory: Folder of the files.
        ignored: Columns that are left out.
        columns: Names of the columns of CSV files without a header; empty: they have one.

    Raises:
        BadInputError: No files, no rows, files of both kinds, differing or repeated columns,
            bytes that are not UTF-8, or a file that cannot be read.
    """
    files = sorted(path for path in directory.rglob("*") if _kind(path))
    kinds = {_kind(path) for path in files}
    if not files:
        raise BadInputError(
            f"{directory}: no *.csv, *.csv.gz or *.parquet file; check the URI of the step's input"
        )
    if len(kinds) > 1:
        raise BadInputError(f"{directory}: both CSV and Parquet files; give one kind")
    with connected() as connection:
        try:
            if kinds == {"parquet"}:
                table = _parquet(connection, files, ignored)
            else:
                table = _csv(connection, files, ignored, columns)
            if not table.rows:
                raise BadInputError(f"{files[0].name}: no rows: the batch is empty")
            yield table
        except duckdb.Error as error:
            text = str(error).splitlines()[0][:300]
            raise BadInputError(f"{directory}: DuckDB cannot read the rows ({text})") from error


@contextlib.contextmanager
def connected() -> Iterator[Any]:
    """Opens DuckDB in memory, with a folder of its own for what exceeds MEMORY_LIMIT_MB."""
    with tempfile.TemporaryDirectory(prefix="data-quality-") as scratch:
        connection = duckdb.connect()
        try:
            connection.execute(f"SET memory_limit='{MEMORY_LIMIT_MB}MB'")
            connection.execute(f"SET temp_directory={literal(scratch)}")
            connection.execute("SET preserve_insertion_order=false")
            yield connection
        finally:
            connection.close()


def _kind(path: Path) -> str:
    for ending in ("csv", "csv.gz", "parquet"):
        if path.name.endswith(f".{ending}") and path.is_file():
            return ending.partition(".")[0]
    return ""


def _csv(
    connection: Any, files: Sequence[Path], ignored: Sequence[str], columns: Sequence[str]
) -> Table:
    names = csv_files.load(connection, files, columns)
    numeric = {name: False for name in names if name not in ignored}
    source = csv_files.TABLE
    (rows,) = connection.execute(f"SELECT count(*) FROM {source}").fetchone()
    return Table(connection, source, [Part(source, "rowid", rows)], numeric, typed=False)


def _parquet(connection: Any, files: Sequence[Path], ignored: Sequence[str]) -> Table:
    parts: list[Part] = []
    first: dict[str, bool] = {}
    for path in files:
        source = f"read_parquet({literal(str(path))}, {OPTIONS}, file_row_number=true)"
        # Not the rows of a DESCRIBE: rows have no order here (preserve_insertion_order).
        found = connection.sql(f"SELECT * EXCLUDE file_row_number FROM {source}")
        kinds = map(str, found.types)
        numeric = {
            name: any(n in kind for n in NUMERIC) for name, kind in zip(found.columns, kinds)
        }
        if first and numeric != first:
            raise BadInputError(
                f"{path.name}: its columns or their types differ from those of {files[0].name}"
            )
        first = first or numeric
        (rows,) = connection.execute(f"SELECT count(*) FROM {source}").fetchone()
        parts.append(Part(source, "file_row_number", rows))
    paths = ", ".join(literal(str(path)) for path in files)
    kept = {name: kind for name, kind in first.items() if name not in ignored}
    source = f"read_parquet([{paths}], {OPTIONS}, union_by_name=true)"
    return Table(connection, source, parts, kept, typed=True)
