"""Describes the columns of a table: counts, moments, sketches and categories.

Queries the table's connection. Columns are taken COLUMNS_AT_A_TIME, so that 10,000 of them make
queries of a bounded size.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Collection, Iterator, Mapping, Sequence, Tuple

from .errors import BadInputError
from .feature import NUMERIC_TYPES, Feature, Moments, kind_of
from .scanning import Counts, scan
from .sql import code, number, present, quoted

if TYPE_CHECKING:
    from .reading import Table

COLUMNS_AT_A_TIME = 500
CATEGORIES = 1000
"""Categories that are kept of a column: the most frequent ones. Free text has more."""
SEEN = "seen"
"""Table of one column's different values, v, and their counts, n."""

Categories = Tuple[Mapping[str, int], int]
"""Counts of a column's most frequent categories, and how many categories there are."""


def describe(
    table: Table, categorical: Collection[str] = (), numeric: Collection[str] = ()
) -> list[Feature]:
    """Describes every column of a table.

    Args:
        table: At least one row.
        categorical: Columns whose numbers are codes.
        numeric: Columns of which a sketch is wanted even if not all values are numbers.

    Raises:
        BadInputError: Numbers are too large to be added up.
    """
    names = list(table.numeric)
    features: list[Feature] = []
    for start in range(0, len(names), COLUMNS_AT_A_TIME):
        part = names[start : start + COLUMNS_AT_A_TIME]
        features.extend(_describe_part(table, part, categorical, numeric))
    return features


def _describe_part(
    table: Table, names: Sequence[str], categorical: Collection[str], numeric: Collection[str]
) -> Iterator[Feature]:
    counts, categories = _count_text(table, names, numeric)
    scanned = {name for name in names if name not in counts}
    # Text that turns out to be numbers is parsed again, row by row, for its distribution.
    scanned |= {n for n in counts if _kind(table, n, counts[n], categorical) in NUMERIC_TYPES}
    sketched = {n: n in numeric or n not in categorical for n in names if n in scanned}
    counts.update(scan(table, sketched))
    for name in names:
        found = counts[name]
        if found.moments and not all(map(math.isfinite, found.moments)):
            raise BadInputError(f"{name}: its numbers are too large to be added up")
        kind = _kind(table, name, found, categorical)
        values: Mapping[str, int] = {}
        distinct = 0
        if kind == "String":
            values, distinct = categories.get(name) or _categories(table, name)
        yield Feature(
            name=name,
            kind=kind,
            present=found.present,
            missing=table.rows - found.present,
            numbers=found.numbers,
            integers=found.integers,
            moments=found.moments,
            sketch=found.sketch if kind in NUMERIC_TYPES or name in numeric else (),
            categories=values,
            distinct=distinct,
        )


def _count_text(
    table: Table, names: Sequence[str], numeric: Collection[str]
) -> tuple[dict[str, Counts], dict[str, Categories]]:
    """Returns what is known of the columns that a typed file calls text, without sketches.

    They are categories, few as a rule: counted before they are parsed.
    """
    counts: dict[str, Counts] = {}
    categories: dict[str, Categories] = {}
    for name in names:
        if table.typed and not table.numeric[name] and name not in numeric:
            categories[name] = _categories(table, name)
            counts[name] = _count_values(table)
    return counts, categories


def _kind(table: Table, name: str, counts: Counts, categorical: Collection[str]) -> str:
    return kind_of(
        counts.present,
        counts.numbers,
        counts.integers,
        categorical=name in categorical,
        typed=table.numeric[name],
    )


def _count_values(table: Table) -> Counts:
    """Returns the figures of the column that SEEN is of, without a sketch."""
    query = (
        f"WITH f AS (SELECT n, {present('v', False)} AS p, {number('v', False)} AS d "
        f"FROM {SEEN}), "
        "m AS (SELECT sum(n * d) / sum(CASE WHEN d IS NOT NULL THEN n END) AS mean FROM f) "
        "SELECT coalesce(sum(CASE WHEN p THEN n END), 0), "
        "coalesce(sum(CASE WHEN d IS NOT NULL THEN n END), 0), "
        "coalesce(sum(CASE WHEN d = trunc(d) THEN n END), 0), any_value(mean), sum(n * d), "
        "sqrt(sum(n * (d - mean) ** 2) / sum(CASE WHEN d IS NOT NULL THEN n END)), min(d), max(d) "
        "FROM f, m"
    )
    there, numbers, integers, *moments = table.connection.execute(query).fetchone()
    found = Moments(*moments) if numbers else None
    return Counts(int(there), int(numbers), int(integers), found)


def _categories(table: Table, name: str) -> Categories:
    """Returns a column's categories and leaves its different values in SEEN."""
    kind, field = table.numeric[name], quoted(name)
    table.connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {SEEN} AS "
        f"SELECT {field} AS v, count(*) AS n FROM {table.source} GROUP BY {field}"
    )
    query = (
        f"SELECT c, sum(n) AS n, count(c) OVER () FROM (SELECT CASE WHEN {present('v', kind)} "
        f"THEN {code('v', kind)} END AS c, n FROM {SEEN}) GROUP BY c "
        f"ORDER BY n DESC, c LIMIT {CATEGORIES + 1}"
    )
    rows = [row for row in table.connection.execute(query).fetchall() if row[0] is not None]
    values = {value: int(count) for value, count, _ in sorted(rows[:CATEGORIES])}
    return values, rows[0][2] if rows else 0
