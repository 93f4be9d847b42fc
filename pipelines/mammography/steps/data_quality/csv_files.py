"""Reads CSV files into a DuckDB table of text. Writes to the connection it is given.

Fields may be quoted and hold line breaks (RFC 4180); lines end with `\\n` or `\\r\\n`. Files may
order their columns differently. Rows with too many or too few fields are left out and logged:
the step that prepares the rows for the model reports and limits them.
"""

from __future__ import annotations

import csv
import gzip
import logging
import math
from typing import TYPE_CHECKING, Any, Sequence

import duckdb

from .errors import BadInputError
from .sql import MISSING, literal, quoted

if TYPE_CHECKING:
    from pathlib import Path

LOG = logging.getLogger("data_quality")
TABLE = "batch"
LONGEST_LINE_BYTES = 16_000_000
SHOWN = 200
OTHER_LENGTH = ("MISSING COLUMNS", "TOO MANY COLUMNS")
"""Errors for which a row is left out (https://duckdb.org/docs/stable/data/csv/reading_faulty_csv_files)."""


def load(connection: Any, files: Sequence[Path], columns: Sequence[str]) -> list[str]:
    """Fills TABLE with the rows of all files.

    Args:
        connection: DuckDB.
        files: At least one; `.gz` is unpacked while reading.
        columns: Names of the columns when the files have no header.

    Returns:
        Names of the columns, as the first file orders them.

    Raises:
        BadInputError: A header is missing, repeats a column or differs from the first file's; or
            a file is not UTF-8 CSV.
    """
    first: list[str] = []
    for path in files:
        names = list(columns) or header_of(path)
        if not first:
            first = names
            fields = ", ".join(f"{quoted(name)} VARCHAR" for name in names)
            connection.execute(f"CREATE TABLE {TABLE} ({fields})")
        elif sorted(names) != sorted(first):
            raise BadInputError(f"{path.name}: its header differs from that of {files[0].name}")
        _load_file(connection, path, names, has_header=not columns)
    return first


def header_of(path: Path) -> list[str]:
    """Returns the names in a file's first row.

    Raises:
        BadInputError: The file is empty or not UTF-8, a name appears twice, or the row is data.
    """
    try:
        with _open(path) as stream:
            row = next(filter(None, csv.reader(stream)), None)
    except (UnicodeDecodeError, csv.Error, OSError, EOFError) as error:
        raise BadInputError(f"{path.name}: not a UTF-8 CSV file ({error})") from error
    if row is None:
        raise BadInputError(f"{path.name}: the file is empty; expected a header row")
    header = [name.strip() for name in row]
    # DuckDB compares names of columns without regard to case.
    if len({name.lower() for name in header}) != len(header):
        raise BadInputError(f"{path.name}: a column appears twice: {','.join(header)[:SHOWN]}")
    if any(name in MISSING or _is_number(name) for name in header):
        raise BadInputError(
            f"{path.name}: the first row is not a header: {','.join(header)[:SHOWN]}; give the "
            "names with --columns when the files have none"
        )
    return header


def _open(path: Path) -> Any:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _load_file(connection: Any, path: Path, names: Sequence[str], has_header: bool) -> None:
    fields = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
    # One thread for each file: DuckDB refuses line breaks within fields when several share one.
    options = (
        f"columns={{{fields}}}, header={str(has_header).lower()}, auto_detect=false, delim=',', "
        f"quote='\"', escape='\"', parallel=false, store_rejects=true, rejects_limit=0, "
        f"max_line_size={LONGEST_LINE_BYTES}, allow_quoted_nulls=false, hive_partitioning=false"
    )
    try:
        connection.execute(
            f"INSERT INTO {TABLE} BY NAME SELECT * FROM read_csv({literal(str(path))}, {options})"
        )
        errors = connection.execute(
            "SELECT error_type, count(DISTINCT line), min(line) FROM reject_errors "
            "GROUP BY error_type ORDER BY error_type"
        ).fetchall()
        connection.execute("DROP TABLE reject_errors; DROP TABLE reject_scans")
    except duckdb.Error as error:
        reason = str(error).splitlines()[0][:SHOWN]
        raise BadInputError(f"{path.name}: not a UTF-8 CSV file ({reason})") from error
    for kind, _, line in errors:
        if kind not in OTHER_LENGTH:
            raise BadInputError(f"{path.name}: not a UTF-8 CSV file (line {line}: {kind.lower()})")
    if errors:
        skipped = sum(count for _, count, _ in errors)
        LOG.warning("%s: %d malformed rows skipped", path.name, skipped)
