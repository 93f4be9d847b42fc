"""DataProcessing of transform jobs on CSV rows: InputFilter, JoinSource, OutputFilter.

Reads, writes and calls nothing. A CSV row is taken as a JSON array of its fields, and the
filters are the JSONPath operators of that page that apply to arrays (``$``, positions, slices):
https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform-data-processing.html
"""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

Row = list[str]
_POSITIONS = re.compile(r"\$\[\s*(-?\d+(?:\s*,\s*-?\d+)*)\s*\]")
_SLICE = re.compile(r"\$\[\s*(-?\d+)?\s*:\s*(-?\d+)?\s*(?::\s*(-?\d+)?\s*)?\]")


def row_filter(expression: str) -> Callable[[Row], Row]:
    """Return the function that a filter stands for.

    A position outside the row selects nothing, as in JSONPath.

    Raises:
        ValueError: The filter is not one for arrays.
    """
    text = expression.strip() or "$"
    if text == "$":
        return lambda row: row
    positions = _POSITIONS.fullmatch(text)
    if positions:
        wanted = [int(number) for number in positions[1].split(",")]
        return lambda row: [row[at] for at in wanted if -len(row) <= at < len(row)]
    part = _SLICE.fullmatch(text)
    if part:
        cut = slice(*(int(number) if number else None for number in part.groups()))
        return lambda row: row[cut]
    raise ValueError(
        f"'{expression}' is not a filter for CSV rows: write $, $[1:], $[:-1] or $[0,-1]"
    )


def parse_row(line: str) -> Row:
    """Return the fields of one CSV line."""
    return next(csv.reader([line]), [])


def write_row(row: Row) -> str:
    """Return a row as a CSV line without its end; fields are quoted where they must be."""
    target = io.StringIO()
    csv.writer(target, lineterminator="").writerow(row)
    return target.getvalue()


def join_and_filter(
    inputs: list[str], outputs: list[str], join: bool, output_filter: str
) -> list[str]:
    """Return the output lines of a transform.

    Args:
        inputs: Input lines as they were before InputFilter.
        outputs: The model's lines, one an input.
        join: Put the input's fields before the output's.
        output_filter: JSONPath on the result.

    Raises:
        ValueError: The counts differ, or the filter is not one for arrays.
    """
    if join and len(inputs) != len(outputs):
        raise ValueError(
            f"the model answered {len(outputs)} records to {len(inputs)}, so they cannot be joined"
        )
    keep = row_filter(output_filter)
    if not join:
        return [write_row(keep(parse_row(line))) for line in outputs]
    pairs = zip(inputs, outputs, strict=True)
    return [write_row(keep(parse_row(source) + parse_row(result))) for source, result in pairs]
