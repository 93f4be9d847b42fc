"""What differs, as lines: fields, steps, parameters and scripts. Pure."""

import json
from collections.abc import Iterator
from typing import NamedTuple

from promotion.changes import FieldChange, Kind
from promotion.plan.model import ItemChange, ScriptDiff

_SIGNS = {Kind.ADDED: "+", Kind.REMOVED: "-", Kind.CHANGED: "~"}
_STYLES = {Kind.ADDED: "green", Kind.REMOVED: "red", Kind.CHANGED: "yellow"}
_VALUE_LIMIT = 160
_SCRIPT_LINES = 120


class Line(NamedTuple):
    """One line of output and its Rich style."""

    text: str
    style: str | None = None


def item_lines(title: str, item: ItemChange) -> Iterator[Line]:
    """Yield the lines of a step or a parameter that differs."""
    type_ = f" ({item.type})" if item.type else ""
    yield Line(f"      {_SIGNS[item.kind]} {title} {item.name}{type_}", _STYLES[item.kind])
    for field in item.fields:
        yield from field_lines(field, 10)


def field_lines(field: FieldChange, indent: int, prefix: str = "") -> Iterator[Line]:
    """Yield the lines of one field: both values on one line where they fit."""
    start = f"{' ' * indent}{_SIGNS[field.kind]} {prefix}{field.path}: "
    if field.kind is not Kind.CHANGED:
        value = field.after if field.kind is Kind.ADDED else field.before
        yield Line(f"{start}{_value(value)}", _STYLES[field.kind])
        return
    before, after = _value(field.before), _value(field.after)
    if len(start) + len(before) + len(after) < 96:  # noqa: PLR2004 - fits a terminal
        yield Line(f"{start}{before} → {after}", _STYLES[field.kind])
        return
    yield Line(start.rstrip(), _STYLES[field.kind])
    yield Line(f"{' ' * indent}    - {before}", "red")
    yield Line(f"{' ' * indent}    + {after}", "green")


def script_lines(script: ScriptDiff) -> Iterator[Line]:
    """Yield the lines of a script that differs."""
    note = f" ({script.note})" if script.note else ""
    yield Line(f"      {_SIGNS[script.kind]} script {script.name}{note}", _STYLES[script.kind])
    for text in script.lines[:_SCRIPT_LINES]:
        style = {"+": "green", "-": "red", "@": "cyan"}.get(text[:1], "dim")
        yield Line(f"          {text}", style)
    hidden = len(script.lines) - _SCRIPT_LINES
    if hidden > 0:
        yield Line(f"          … {hidden} more lines; --json has them all", "dim")


def _value(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    text = text.replace("\n", "⏎")
    return text if len(text) <= _VALUE_LIMIT else f"{text[: _VALUE_LIMIT - 1]}…"
