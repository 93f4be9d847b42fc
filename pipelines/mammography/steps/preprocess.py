"""Processing step: cleans the training data and splits it before anything is fitted.

Reads every `*.csv` of `--input-dir` (header row; `?` or an empty field is a missing value) and
writes to the folders it is given:

- `train.csv`, `validation.csv`: label first, no header, as the XGBoost algorithm mode reads it;
- `test.csv`: the same columns with a header, for the evaluation;
- `features.csv`: the training rows' raw features with a header, for the drift baseline;
- `rejected.csv`: rows left out, with file, line and reason;
- `dataset.json`: SHA-256 over the input files' bytes in name order (what
  `cat *.csv | sha256sum` prints), row counts and rejections.

Missing values stay missing (empty fields): XGBoost learns a direction for them, so no imputer
is fitted anywhere. A number outside its documented range is kept as well: the published data
has a BI-RADS of 55, and trees are not disturbed by it. Calls no service.

Split: within each label, rows are ordered by the SHA-256 of seed, row and the row's n-th
occurrence, and cut at the given fractions. That is stratified exactly, seeded, and does not
depend on the order of rows or files nor on any library's random numbers.

Runs in the SageMaker XGBoost 1.7-1 image: Python 3.8, standard library only.
"""

from __future__ import annotations

import argparse
import collections
import csv
import hashlib
import json
import logging
import math
import sys
from pathlib import Path
from typing import Iterable, NamedTuple, Sequence

LOG = logging.getLogger("preprocess")
MISSING = ("", "?")


class BadInputError(Exception):
    """The input cannot be used; the message says what, where and what to do."""


class Row(NamedTuple):
    """One clean row: label 0 or 1, and one number or None per feature."""

    label: int
    values: tuple[float | None, ...]


class Rejection(NamedTuple):
    """A row left out; `line` counts from 1 with the header."""

    file: str
    line: int
    reason: str
    row: str


class Split(NamedTuple):
    """Rows by use; no row is in two of them."""

    train: list[Row]
    validation: list[Row]
    test: list[Row]


def input_files(directory: Path) -> list[Path]:
    """Returns the CSV files of a folder by name.

    Raises:
        BadInputError: There is none.
    """
    files = sorted(directory.glob("*.csv"))
    if not files:
        raise BadInputError(f"{directory}: no *.csv file; check the input URI of the pipeline")
    return files


def digest(files: Iterable[Path]) -> str:
    """Returns the SHA-256 (hex) over the files' bytes in the given order."""
    sha = hashlib.sha256()
    for path in files:
        sha.update(path.read_bytes())
    return sha.hexdigest()


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


def number(text: str) -> float | None:
    """Returns a field's number, or None for a missing value.

    Raises:
        ValueError: The field is neither.
    """
    stripped = text.strip()
    if stripped in MISSING:
        return None
    value = float(stripped)
    if not math.isfinite(value) or "_" in stripped:  # float() takes 1_000
        raise ValueError(stripped)
    return value


def parse_row(fields: Sequence[str], places: Sequence[int], names: Sequence[str]) -> Row:
    """Returns the clean row of a line's fields; the label is the last of `names`.

    Raises:
        ValueError: With the reason for which the row is rejected.
    """
    values: list[float | None] = []
    for place, name in zip(places, names):
        try:
            values.append(number(fields[place]))
        except ValueError:
            raise ValueError(f"{name} is not a number") from None
    label = values.pop()
    if label is None:
        raise ValueError(f"{names[-1]} is missing")
    if label not in (0.0, 1.0):
        raise ValueError(f"{names[-1]} is neither 0 nor 1")
    return Row(int(label), tuple(values))


def read_file(path: Path, names: Sequence[str]) -> tuple[list[Row], list[Rejection]]:
    """Reads one CSV file.

    Args:
        path: File with a header row.
        names: Features and then the label.

    Returns:
        Clean rows and rejected rows, both in file order. Blank lines count as neither.

    Raises:
        BadInputError: The file is empty, is not UTF-8 CSV or lacks a column.
    """
    rows: list[Row] = []
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
                    rows.append(parse_row(fields, places, names))
                except ValueError as error:
                    line = ",".join(fields)
                    rejected.append(Rejection(path.name, reader.line_num, str(error), line))
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadInputError(f"{path.name}: not a UTF-8 CSV file ({error})") from error
    return rows, rejected


def read_all(
    files: Sequence[Path], names: Sequence[str], maximum_rejected_fraction: float
) -> tuple[list[Row], list[Rejection]]:
    """Reads all files and applies the limit on rejected rows.

    Raises:
        BadInputError: Nothing is left, or more than the fraction was rejected.
    """
    rows: list[Row] = []
    rejected: list[Rejection] = []
    for path in files:
        good, bad = read_file(path, names)
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


def field(value: float | None) -> str:
    """Returns a number as CSV text, integers without a point, None as the empty field."""
    if value is None:
        return ""
    return str(int(value)) if value == int(value) else repr(value)


def fields_of(row: Row) -> list[str]:
    """Returns a row as CSV fields, label first."""
    return [str(row.label), *map(field, row.values)]


def split(rows: Sequence[Row], *, seed: int, test: float, validation: float) -> Split:
    """Splits rows by the rule of the module's docstring.

    Args:
        rows: All clean rows, any order.
        seed: Changes the assignment.
        test: Fraction of each label's rows kept for the evaluation.
        validation: Fraction of each label's rows on which training reports its metric.

    Raises:
        BadInputError: A part would lack one of the labels.
    """
    if not (0 < test < 1 and 0 < validation < 1 and test + validation < 1):
        raise BadInputError(f"fractions test {test:g} and validation {validation:g} do not fit")
    parts = Split([], [], [])
    for label in (0, 1):
        ordered = _ordered([row for row in rows if row.label == label], seed)
        end_of_test = round(test * len(ordered))
        end_of_validation = end_of_test + round(validation * len(ordered))
        cut = Split(
            ordered[end_of_validation:],
            ordered[end_of_test:end_of_validation],
            ordered[:end_of_test],
        )
        if not all(cut):
            raise BadInputError(
                f"only {len(ordered)} row(s) have label {label}: too few for a train, a "
                "validation and a test part"
            )
        for part, chosen in zip(parts, cut):
            part.extend(chosen)
    return Split(*(_ordered(part, seed) for part in parts))


def _ordered(rows: Sequence[Row], seed: int) -> list[Row]:
    """Returns rows in an order that depends on seed and content only."""
    seen: dict[Row, int] = collections.Counter()
    keyed = []
    for row in rows:
        text = f"{seed}|{','.join(fields_of(row))}|{seen[row]}"
        keyed.append((hashlib.sha256(text.encode()).hexdigest(), row))
        seen[row] += 1
    return [row for _, row in sorted(keyed, key=lambda pair: pair[0])]


def write_csv(path: Path, rows: Iterable[Sequence[object]]) -> None:
    """Writes rows as CSV with `\\n` line ends, creating the folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(rows)


def dataset_record(
    sha256: str, files: Sequence[Path], parts: Split, rejected: Sequence[Rejection]
) -> dict[str, object]:
    """Returns what dataset.json says of the data that a model was made from."""
    counts = {f"{name}_rows": len(part) for name, part in zip(Split._fields, parts)}
    rows = [row for part in parts for row in part]
    return {
        "sha256": sha256,
        "files": [path.name for path in files],
        "rows": len(rows),
        "positive_rows": sum(row.label for row in rows),
        **counts,
        "rejected_rows": len(rejected),
        "rejected_reasons": dict(
            sorted(collections.Counter(rejection.reason for rejection in rejected).items())
        ),
    }


def run(args: argparse.Namespace) -> None:
    """Reads, splits and writes.

    Raises:
        BadInputError: The input cannot be used; no training data is written then.
    """
    features = args.features.split(",")
    files = input_files(args.input_dir)
    rows, rejected = read_all(files, [*features, args.label], args.maximum_rejected_fraction)
    parts = split(
        rows, seed=args.seed, test=args.test_fraction, validation=args.validation_fraction
    )
    write_csv(args.train_dir / "train.csv", map(fields_of, parts.train))
    write_csv(args.validation_dir / "validation.csv", map(fields_of, parts.validation))
    write_csv(args.test_dir / "test.csv", [[args.label, *features], *map(fields_of, parts.test)])
    raw = [fields_of(row)[1:] for row in parts.train]
    write_csv(args.features_dir / "features.csv", [features, *raw])
    write_csv(args.rejected_dir / "rejected.csv", [Rejection._fields, *rejected])
    record = dataset_record(digest(files), files, parts, rejected)
    args.dataset_dir.mkdir(parents=True, exist_ok=True)
    text = json.dumps(record, indent=2, sort_keys=True) + "\n"
    (args.dataset_dir / "dataset.json").write_text(text, encoding="utf-8")
    LOG.info("wrote %s", {name: len(part) for name, part in zip(Split._fields, parts)})


def parse_arguments(argv: Sequence[str]) -> argparse.Namespace:
    """Parses the command line; every path and column comes from it."""
    parser = argparse.ArgumentParser(description="Clean and split the training data.")
    for folder in ("input", "train", "validation", "test", "features", "rejected", "dataset"):
        parser.add_argument(f"--{folder}-dir", type=Path, required=True)
    parser.add_argument("--features", required=True, help="feature columns, comma-separated")
    parser.add_argument("--label", required=True, help="label column, 0 or 1")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--test-fraction", type=float, required=True)
    parser.add_argument("--validation-fraction", type=float, required=True)
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
