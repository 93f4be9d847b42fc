"""Prepares the mammography data: `python -m pipelines.mammography.data --out DIR [--data PATH]`.

Source, first that applies: `--data PATH`; the file in `data/` under the current folder; a
download from the UCI archive, kept in `data/`; a seeded, generated stand-in, announced in the
log. Downloaded and kept files must have the published file's SHA-256. Writes to `--out`:

    training/part-1.csv, part-2.csv   features and label, header; two halves
    batches/clean-1.csv ... clean-4   id and features, header; 48 rows each, no row of training
    batches/drifted-*.csv             clean-4 with one planted drift each
    labels/<batch>.csv                id and label of each batch, held back from scoring
    manifest.json                     source, digest and row counts

The same source always gives the same bytes. Calls nothing but that one download.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import logging
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import urlopen

from pipelines.mammography.settings import FEATURES, ID, LABEL
from pipelines.mammography.stand_in import generate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

LOG = logging.getLogger("data")
FILE_NAME = "mammographic_masses.data"
URL = f"https://archive.ics.uci.edu/ml/machine-learning-databases/mammographic-masses/{FILE_NAME}"
SHA256 = "2ed8bb60a517f631256d218a4885c56ef196d41023c63307ab40d69985be3b4a"
DOWNLOAD_TIMEOUT_SECONDS = 10
SEED = 2007
BATCH_ROWS = 48
CLEAN_BATCHES = 4

Row = tuple[str, ...]
"""Identifier, features and label as text; a missing value is the empty text."""


class DataError(Exception):
    """The data cannot be had or used; the message says what, where and what to do."""


@dataclass(frozen=True)
class Source:
    """Where the rows come from: `given`, `kept`, `downloaded` or `generated`."""

    kind: str
    content: bytes


def download(url: str = URL) -> bytes:
    """Returns the published file's bytes.

    Raises:
        OSError: No answer in time, or a refusal.
    """
    with urlopen(url, timeout=DOWNLOAD_TIMEOUT_SECONDS) as response:  # noqa: S310 - constant https
        content: bytes = response.read()
    return content


def verify(content: bytes, where: str) -> bytes:
    """Returns the content when it is the published file.

    Raises:
        DataError: Its SHA-256 is another.
    """
    found = hashlib.sha256(content).hexdigest()
    if found != SHA256:
        raise DataError(
            f"{where}: SHA-256 is {found}, expected {SHA256}; remove the file and run again, or "
            "pass a file of your own with --data"
        )
    return content


def find_source(given: Path | None, kept: Path, fetch: Callable[[], bytes] = download) -> Source:
    """Returns the data by the order of the module's docstring.

    Args:
        given: The `--data` argument.
        kept: Where a downloaded file is (or will be) kept.
        fetch: Downloads the file.

    Raises:
        DataError: A given file is unreadable, or a kept or downloaded one is not the published.
    """
    if given is not None:
        try:
            return Source("given", given.read_bytes())
        except OSError as error:
            raise DataError(f"--data {given}: cannot be read ({error.strerror})") from error
    if kept.exists():
        return Source("kept", verify(kept.read_bytes(), str(kept)))
    try:
        content = fetch()
    except (URLError, OSError) as error:
        LOG.warning(
            "NOTICE: %s cannot be downloaded (%s); using a GENERATED STAND-IN: its numbers say "
            "nothing about mammography. Pass --data PATH to use the real file.",
            FILE_NAME,
            error,
        )
        return Source("generated", generate(SEED))
    verify(content, URL)
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(content)
    return Source("downloaded", content)


def parse(content: bytes) -> list[Row]:
    """Returns the rows of a file in UCI's form: no header, `?` for a missing value.

    Identifiers are the line's number: `case-0001` and so on.

    Raises:
        DataError: The file is not of that form or has too few rows.
    """
    try:
        lines = list(csv.reader(content.decode("utf-8").splitlines()))
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"the data is not UTF-8 CSV ({error})") from error
    width = len(FEATURES) + 1
    for number, line in enumerate(lines, start=1):
        if len(line) != width:
            raise DataError(
                f"data line {number}: {len(line)} fields instead of {width} "
                f"({', '.join(FEATURES)}, {LABEL}; no header)"
            )
    least = CLEAN_BATCHES * BATCH_ROWS * 2
    if len(lines) < least:
        raise DataError(f"the data has {len(lines)} rows; at least {least} are needed")
    return [
        (f"case-{number:04d}", *("" if field == "?" else field for field in line))
        for number, line in enumerate(lines, start=1)
    ]


def shuffled(rows: Iterable[Row]) -> list[Row]:
    """Returns the rows in a seeded order that depends on nothing but their content."""
    return sorted(rows, key=lambda row: hashlib.sha256(f"{SEED}|{row}".encode()).hexdigest())


def shift_age(row: Row, _: int) -> Row:
    """Older patients: 20 years added to every age."""
    age = str(int(row[2]) + 20) if row[2] else ""
    return (*row[:2], age, *row[3:])


def new_category(row: Row, index: int) -> Row:
    """A new code: every third mass has shape 5, which training has never seen."""
    return (*row[:3], "5" if index % 3 == 0 else row[3], *row[4:])


def lose_values(row: Row, index: int) -> Row:
    """Half the margins and densities were not recorded."""
    return row if index % 2 else (*row[:4], "", "", *row[6:])


def batches(rows: Sequence[Row]) -> dict[str, tuple[Row, ...]]:
    """Returns the batches by name, each with the header as its first row, labels included.

    Args:
        rows: At least CLEAN_BATCHES * BATCH_ROWS rows that training does not use.
    """
    header = (ID, *FEATURES, LABEL)
    clean = [rows[index * BATCH_ROWS : (index + 1) * BATCH_ROWS] for index in range(CLEAN_BATCHES)]
    tables = {f"clean-{index}": (header, *part) for index, part in enumerate(clean, start=1)}
    changes = {"age": shift_age, "category": new_category, "missing-values": lose_values}
    for name, change in changes.items():
        changed = (change(row, index) for index, row in enumerate(clean[-1]))
        tables[f"drifted-{name}"] = (header, *changed)
    without = header.index("margin")
    tables["drifted-missing-column"] = tuple(
        row[:without] + row[without + 1 :] for row in (header, *clean[-1])
    )
    return dict(sorted(tables.items()))


def tables_of(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Returns every file's content by its path under the output folder."""
    ordered = shuffled(rows)
    held_back = CLEAN_BATCHES * BATCH_ROWS
    training = [row[1:] for row in sorted(ordered[held_back:])]
    # Alternating, so that both halves cover the file's whole range of cases.
    files: dict[str, list[Row]] = {
        f"training/part-{index + 1}.csv": [(*FEATURES, LABEL), *training[index::2]]
        for index in range(2)
    }
    for name, table in batches(ordered[:held_back]).items():
        files[f"batches/{name}.csv"] = [row[:-1] for row in table]
        files[f"labels/{name}.csv"] = [(row[0], row[-1]) for row in table]
    return files


def write(source: Source, out: Path) -> None:
    """Writes all files and the manifest under `out`.

    Raises:
        DataError: The source's content cannot be used; nothing is written then.
    """
    files = tables_of(parse(source.content))
    for name, table in files.items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, lineterminator="\n").writerows(table)
    manifest = {
        "source": source.kind,
        "sha256": hashlib.sha256(source.content).hexdigest(),
        "rows": {name: len(table) - 1 for name, table in files.items()},
    }
    text = json.dumps(manifest, indent=2, sort_keys=True) + "\n"
    (out / "manifest.json").write_text(text, encoding="utf-8")
    LOG.info("%d files written to %s from %s data", len(files) + 1, out, source.kind)


def main(argv: Sequence[str]) -> int:
    """Runs the command; returns 0, or 1 with one line on stderr."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    parser = argparse.ArgumentParser(description="Prepare the mammography data.")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--data", type=Path, help="a file in UCI's form; default: see --help")
    args = parser.parse_args(argv)
    try:
        write(find_source(args.data, Path("data") / FILE_NAME), args.out)
    except DataError as error:
        LOG.error("%s", error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
