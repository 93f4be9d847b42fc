"""Reads the data channels of XGBoost's algorithm mode; runs inside a job.

Reads the files of a channel's folder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import xgboost as xgb

if TYPE_CHECKING:
    from pathlib import Path

_CSV = ("csv", "text/csv")
_LIBSVM = ("libsvm", "text/libsvm", "text/x-libsvm")
_REFUSED = (
    "parquet",
    "application/x-parquet",
    "recordio-protobuf",
    "application/x-recordio-protobuf",
)


class UserError(Exception):
    """A fault of the training request or its data."""


def read_channel(folder: Path, name: str, config: dict[str, Any], csv_weights: bool) -> xgb.DMatrix:
    """Return a channel's data.

    Args:
        folder: With the channel's files, at any depth; hidden files and those beginning with
            ``_`` are left out.
        name: train or validation.
        config: The channel in inputdataconfig.json; without ContentType the data is LIBSVM.
        csv_weights: The second column of CSV holds instance weights.

    Raises:
        UserError: No data, an unknown format, or lines that are not of it.
    """
    files = [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith((".", "_"))
    ]
    if not any(path.stat().st_size for path in files):
        kind = "training" if name == "train" else name
        raise UserError(f"No data in {kind} channel path /opt/ml/input/data/{name}")
    if _format(config.get("ContentType")) == "csv":
        return _csv_matrix(files, csv_weights)
    return _libsvm_matrix(files)


def _format(content_type: str | None) -> str:
    if content_type is None:
        return "libsvm"
    media, _, options = content_type.lower().partition(";")
    media = media.strip()
    if media in _CSV:
        if "label_size" in options and options.replace(" ", "") != "label_size=1":
            raise UserError(
                f"{content_type} is not an accepted csv ContentType. Optional parameter "
                "label_size must be equal to 1"
            )
        return "csv"
    if media in _LIBSVM:
        return "libsvm"
    if media in _REFUSED:
        raise UserError(f"The sandbox reads csv and libsvm only, not {content_type}")
    raise UserError(f"{content_type} is not an accepted ContentType: {', '.join(_CSV + _LIBSVM)}.")


def _csv_matrix(files: list[Path], weights: bool) -> xgb.DMatrix:
    rows: list[list[float]] = []
    for path in files:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    rows.append(_csv_row(line, path.name, number, rows))
    table = np.array(rows, dtype=np.float32)
    label = table[:, 0]
    if np.isnan(label).any():
        raise UserError("Failed to load csv data with exception:\na label (column 0) is missing")
    if weights:
        return xgb.DMatrix(table[:, 2:], label=label, weight=table[:, 1])
    return xgb.DMatrix(table[:, 1:], label=label)


def _csv_row(line: str, name: str, number: int, rows: list[list[float]]) -> list[float]:
    try:
        row = [float(field) if field.strip() else np.nan for field in line.split(",")]
    except ValueError as error:
        raise UserError(
            f"Failed to load csv data with exception:\n{name} line {number}: {error} (the data "
            "must have the label in column 0 and no header)"
        ) from error
    if rows and len(row) != len(rows[0]):
        raise UserError(
            f"Failed to load csv data with exception:\n{name} line {number} has {len(row)} "
            f"columns instead of {len(rows[0])}"
        )
    return row


def _libsvm_matrix(files: list[Path]) -> xgb.DMatrix:
    labels: list[float] = []
    rows: list[dict[int, float]] = []
    for path in files:
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                if line.strip():
                    label, row = _libsvm_row(line, path.name)
                    labels.append(label)
                    rows.append(row)
    width = max((max(row, default=-1) for row in rows), default=-1) + 1
    table = np.full((len(rows), width), np.nan, dtype=np.float32)
    for index, row in enumerate(rows):
        for column, value in row.items():
            table[index, column] = value
    return xgb.DMatrix(table, label=np.array(labels, dtype=np.float32))


def _libsvm_row(line: str, name: str) -> tuple[float, dict[int, float]]:
    head, *pairs = line.split()
    try:
        values = (pair.split(":") for pair in pairs)
        return float(head.split(":")[0]), {int(key): float(value) for key, value in values}
    except ValueError as error:
        raise UserError(
            f"First line '{line[:50]}...' of file '{name}' is not 'LIBSVM' format. Please ensure "
            "the file is in 'LIBSVM' format."
        ) from error
