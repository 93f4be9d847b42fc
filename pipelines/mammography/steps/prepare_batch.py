"""Processing step: turns a batch into the header-less CSV that the model reads.

Reads every `*.csv` of `--input-dir` (header row; identifier and features in any order; `?` or
an empty field is a missing value). Writes `batch.csv` (identifier first, then the features in
the model's order, no header) to `--batch-dir` and `rejected.csv` (rows left out, with file,
line and reason) to `--rejected-dir`. The transform passes the features to the model and joins
the identifier back to the score. Calls no service.

Reading mirrors preprocess.py on purpose without importing it: a step is one script, one code
object. Runs in the SageMaker XGBoost 1.7-1 image: Python 3.8, standard library only.
"""

from __future__ import annotations

import argparse
import csv
import logging
import math
import re
import sys
from pathlib import Path
from typing import Iterable, NamedTuple, Sequence

LOG = logging.getLogger("prepare_batch")
MISSING = ("", "?")

# The identifier travels through line-split CSV twice, so it must need no quoting.
IDENTIFIER = re.compile(r"[A-Za-z0-9._:/-]{1,128}")


class BadInputError(Exception):
    """The input cannot be used; the message says what, where and what to do."""


class Rejection(NamedTuple):
    """A row left out; `line` counts from 1 with the header."""

    file: str
    line: int
    reason: str
    row: str


def input_files(directory: Path) -> list[Path]:
    """Returns the CSV files of a folder by name.

    Raises:
        BadInputError: There is none.
    """
    files = sorted(directory.glob("*.csv"))
    if not files:
        raise BadInputError(f"{directory}: no *.csv file; check the batch URI of the pipeline")
    return files


def positions(header: Sequence[str], wanted: Sequence[str], file_name: str) -> list[int]:
    """Returns where each wanted column stands; columns that nobody asked for are skipped.

    Raises:
        BadInputError: A column is missing or appears twice (a file without a header row shows
            up as every column missing).
    """
    names = [name.strip() for name in header]
    missing = [name for name in wanted if name not in names]
    if missing:
        raise BadInputError(
            f"{file_name}: missing column(s) {', '.join(missing)}; the first row must be a header "
            f"with {', '.join(wanted)}, but it is: {','.join(names)[:200]}"
        )
    double = sorted(name for name in wanted if names.count(name) > 1)
    if double:
        raise BadInputError(f"{file_name}: column(s) {', '.join(double)} appear twice")
    return [names.index(name) for name in wanted]


def feature_field(text: str) -> str:
    """Returns a feature's field as the model reads it; a missing value is empty.

    Raises:
        ValueError: The field is neither a finite number nor missing.
    """
    stripped = text.strip()
    if stripped in MISSING:
        return ""
    value = float(stripped)
    if not math.isfinite(value) or "_" in stripped:  # float() takes 1_000
        raise ValueError(stripped)
    return str(int(value)) if value == int(value) else repr(value)


def parse_row(fields: Sequence[str], places: Sequence[int], names: Sequence[str]) -> list[str]:
    """Returns the output fields of one row; the first of `names` is the identifier.

    Raises:
        ValueError: With the reason for which the row is rejected.
    """
    identifier = fields[places[0]].strip()
    if not IDENTIFIER.fullmatch(identifier):
        raise ValueError(f"{names[0]} is missing or has characters other than A-Za-z0-9._:/-")
    row = [identifier]
    for place, name in zip(places[1:], names[1:]):
        try:
            row.append(feature_field(fields[place]))
        except ValueError:
            raise ValueError(f"{name} is not a number") from None
    return row


def read_file(
    path: Path, names: Sequence[str], seen: set[str]
) -> tuple[list[list[str]], list[Rejection]]:
    """Reads one CSV file.

    Args:
        path: File with a header row.
        names: Identifier and then the features.
        seen: Identifiers of earlier rows; this file's are added (mutated).

    Returns:
        Output rows and rejected rows, both in file order.

    Raises:
        BadInputError: The file is empty, is not UTF-8 CSV or lacks a column.
    """
    rows: list[list[str]] = []
    rejected: list[Rejection] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream)
            header = next(reader, None)
            if header is None:
                raise BadInputError(f"{path.name}: the file is empty; expected a header row")
            places = positions(header, names, path.name)
            for fields in filter(None, reader):
                try:
                    if len(fields) != len(header):
                        raise ValueError(f"{len(fields)} fields instead of {len(header)}")
                    row = parse_row(fields, places, names)
                    if row[0] in seen:
                        raise ValueError(f"{names[0]} appears twice")
                    seen.add(row[0])
                    rows.append(row)
                except ValueError as error:
                    line = ",".join(fields)
                    rejected.append(Rejection(path.name, reader.line_num, str(error), line))
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadInputError(f"{path.name}: not a UTF-8 CSV file ({error})") from error
    return rows, rejected


def read_all(
    files: Sequence[Path], names: Sequence[str], maximum_rejected_fraction: float
) -> tuple[list[list[str]], list[Rejection]]:
    """Reads all files and applies the limit on rejected rows.

    Raises:
        BadInputError: Nothing is left, or more than the fraction was rejected.
    """
    rows: list[list[str]] = []
    rejected: list[Rejection] = []
    seen: set[str] = set()
    for path in files:
        good, bad = read_file(path, names, seen)
        LOG.info("%s: %d rows read, %d rejected", path.name, len(good), len(bad))
        rows += good
        rejected += bad
    total = len(rows) + len(rejected)
    first = ""
    if rejected:
        first = f"; the first: {rejected[0].file} line {rejected[0].line}: {rejected[0].reason}"
    if not rows:
        raise BadInputError(f"no rows left: {total} read, {len(rejected)} rejected{first}")
    if len(rejected) > maximum_rejected_fraction * total:
        raise BadInputError(
            f"{len(rejected)} of {total} rows rejected, more than the fraction "
            f"{maximum_rejected_fraction:g} that is allowed{first}"
        )
    return rows, rejected


def write_csv(path: Path, rows: Iterable[Sequence[object]]) -> None:
    """Writes rows as CSV with `\\n` line ends, creating the folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(rows)


def run(args: argparse.Namespace) -> None:
    """Reads and writes.

    Raises:
        BadInputError: The input cannot be used; nothing is written then.
    """
    names = [args.id, *args.features.split(",")]
    rows, rejected = read_all(input_files(args.input_dir), names, args.maximum_rejected_fraction)
    write_csv(args.batch_dir / "batch.csv", rows)
    write_csv(args.rejected_dir / "rejected.csv", [Rejection._fields, *rejected])


def parse_arguments(argv: Sequence[str]) -> argparse.Namespace:
    """Parses the command line; every path and column comes from it."""
    parser = argparse.ArgumentParser(description="Prepare a batch for the transform.")
    for folder in ("input", "batch", "rejected"):
        parser.add_argument(f"--{folder}-dir", type=Path, required=True)
    parser.add_argument("--id", required=True, help="identifier column")
    parser.add_argument("--features", required=True, help="feature columns, comma-separated")
    parser.add_argument("--maximum-rejected-fraction", type=float, required=True)
    return parser.parse_args(argv)


def main(argv: Sequence[str]) -> int:
    """Runs the step; returns 0, or 1 with one line on stderr when the input is bad."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    try:
        run(parse_arguments(argv))
    except BadInputError as error:
        LOG.error("%s", error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
