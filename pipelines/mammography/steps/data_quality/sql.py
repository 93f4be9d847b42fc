"""Writes names, texts and the meaning of a field as DuckDB SQL. Reads and calls nothing."""

from __future__ import annotations

MISSING = ("", "?")
"""Texts that stand for a missing value."""


def quoted(name: str) -> str:
    """Returns a name as SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Returns a text as SQL."""
    return "'" + text.replace("'", "''") + "'"


def present(name: str, numeric: bool) -> str:
    """Returns whether the field is there: no NULL, no NaN, none of MISSING."""
    field = quoted(name)
    if numeric:
        return f"coalesce(NOT isnan(CAST({field} AS DOUBLE)), false)"
    return f"coalesce({text(name)} NOT IN ({', '.join(map(literal, MISSING))}), false)"


def number(name: str, numeric: bool) -> str:
    """Returns the field's finite number, or NULL. `1_000` is none, though DuckDB reads it."""
    field = quoted(name)
    value = f"CAST({field} AS DOUBLE)"
    if not numeric:
        value = f"TRY_CAST(replace({text(name)}, '_', 'x') AS DOUBLE)"
    return f"CASE WHEN isfinite({value}) THEN {value} END"


def scanned(name: str, numeric: bool) -> str:
    """Returns the field as a DOUBLE: its number; NULL or NaN if missing; else an infinity."""
    if numeric:
        return f"CAST({quoted(name)} AS DOUBLE)"
    other = f"CASE WHEN {present(name, numeric)} THEN 'inf'::DOUBLE END"
    return f"coalesce({number(name, numeric)}, {other})"


def text(name: str) -> str:
    """Returns the field as text without blanks around it."""
    return f"trim(CAST({quoted(name)} AS VARCHAR), ' \t\r\n')"


def code(name: str, numeric: bool) -> str:
    """Returns the field as a category: `3`, ` 3` and `3.0` are the same one."""
    value = number(name, numeric)
    whole = f"({value}) = trunc({value}) AND abs({value}) < 1e15"
    return f"CASE WHEN {whole} THEN CAST(CAST({value} AS BIGINT) AS VARCHAR) ELSE {text(name)} END"
