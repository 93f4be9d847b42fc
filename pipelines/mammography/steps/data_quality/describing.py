"""Describes the columns of a table: counts, moments, sketches and categories.

Queries the table's connection. Columns are taken COLUMNS_AT_A_TIME, so that 10,000 of them make
queries of a bounded size.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Collection, Iterator, Mapping, Sequence

from .errors import BadInputError
from .feature import NUMERIC_TYPES, Feature, Moments, kind_of
from .scanning import Counts, scan
from .sql import code, number, present, quoted

if TYPE_CHECKING:
    from .reading import Table

COLUMNS_AT_A_TIME = 500
CATEGORIES = 1000
"""Categories that are kept of a column: the most frequent ones. Free text has more."""


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
    # What a typed file calls text are categories, few as a rule: counted before they are parsed,
    # and parsed row by row only where they turn out to be numbers.
    grouped = {n for n in names if table.typed and not table.numeric[n] and n not in numeric}
    counts = {name: _count_values(table, name) for name in names if name in grouped}
    sketched = {
        name: name in numeric or name not in categorical
        for name in names
        if name not in grouped or _kind(table, name, counts[name], categorical) in NUMERIC_TYPES
    }
    counts.update(scan(table, sketched))
    for name in names:
        found = counts[name]
        if found.moments and not all(map(math.isfinite, found.moments)):
            raise BadInputError(f"{name}: its numbers are too large to be added up")
        kind = _kind(table, name, found, categorical)
        values, distinct = _categories(table, name) if kind == "String" else ({}, 0)
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


def _kind(table: Table, name: str, counts: Counts, categorical: Collection[str]) -> str:
    return kind_of(
        counts.present,
        counts.numbers,
        counts.integers,
        categorical=name in categorical,
        typed=table.numeric[name],
    )


def _count_values(table: Table, name: str) -> Counts:
    """Returns a column's figures from its different values and their counts, without a sketch."""
    query = (
        f"WITH v AS (SELECT n, {present(name, False)} AS p, {number(name, False)} AS d "
        f"FROM ({_values(table, name)})), "
        "m AS (SELECT sum(n * d) / sum(CASE WHEN d IS NOT NULL THEN n END) AS mean FROM v) "
        "SELECT coalesce(sum(CASE WHEN p THEN n END), 0), "
        "coalesce(sum(CASE WHEN d IS NOT NULL THEN n END), 0), "
        "coalesce(sum(CASE WHEN d = trunc(d) THEN n END), 0), any_value(mean), sum(n * d), "
        "sqrt(sum(n * (d - mean) ** 2) / sum(CASE WHEN d IS NOT NULL THEN n END)), min(d), max(d) "
        "FROM v, m"
    )
    there, numbers, integers, *moments = table.connection.execute(query).fetchone()
    found = Moments(*moments) if numbers else None
    return Counts(int(there), int(numbers), int(integers), found)


def _values(table: Table, name: str) -> str:
    """Returns a query of a column's different values, under its name, and their counts n."""
    return f"SELECT {quoted(name)}, count(*) AS n FROM {table.source} GROUP BY {quoted(name)}"


def _categories(table: Table, name: str) -> tuple[Mapping[str, int], int]:
    kind = table.numeric[name]
    # Missing values are left out here and not by a WHERE, which DuckDB would take to every row
    # instead of every different value.
    query = (
        f"SELECT v, sum(n) AS n, count(v) OVER () FROM (SELECT CASE WHEN {present(name, kind)} "
        f"THEN {code(name, kind)} END AS v, n FROM ({_values(table, name)})) GROUP BY v "
        f"ORDER BY n DESC, v LIMIT {CATEGORIES + 1}"
    )
    rows = [row for row in table.connection.execute(query).fetchall() if row[0] is not None]
    values = {value: int(count) for value, count, _ in sorted(rows[:CATEGORIES])}
    return values, rows[0][2] if rows else 0
