"""Checks an EventBridge schedule expression. Reads, writes and calls nothing.

Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
"""

import re
from dataclasses import dataclass

_MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()
_DAYS = "SUN MON TUE WED THU FRI SAT".split()


@dataclass(frozen=True)
class _CronField:
    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()
    special: str = r"(?!)"


_FIELDS = (
    _CronField("minutes", 0, 59),
    _CronField("hours", 0, 23),
    _CronField("day of month", 1, 31, special=r"\?|L|LW|[0-9]{1,2}W"),
    _CronField("month", 1, 12, names=tuple(_MONTHS)),
    _CronField("day of week", 1, 7, names=tuple(_DAYS), special=r"\?|L|[1-7]L|[1-7]#[1-5]"),
    _CronField("year", 1970, 2199),
)


def schedule_problem(expression: str) -> str | None:
    """Return what is wrong with a `cron(...)` or `rate(...)` expression, or None."""
    kind, _, rest = expression.partition("(")
    body = rest.removesuffix(")")
    return _rate_problem(body) if kind == "rate" else _cron_problem(body)


def _rate_problem(body: str) -> str | None:
    match = re.fullmatch(r"([1-9][0-9]*) (minute|hour|day)(s?)", body)
    if not match:
        return "a rate is a positive whole number and minutes, hours or days, as in rate(2 hours)"
    if (match[1] == "1") == bool(match[3]):
        return f"write rate({match[1]} {match[2]}{'' if match[1] == '1' else 's'})"
    return None


def _cron_problem(body: str) -> str | None:
    parts = body.split()
    if len(parts) != len(_FIELDS):
        return (
            f"cron has {len(_FIELDS)} fields (minutes, hours, day of month, month, day of week, "
            f"year), not {len(parts)}"
        )
    for part, field in zip(parts, _FIELDS, strict=True):
        if any(not _item_fits(item, field) for item in part.split(",")):
            return f"{part!r} does not fit the field {field.name!r}"
    if (parts[2] == "?") == (parts[4] == "?"):
        return "exactly one of day of month and day of week is '?'"
    return None


def _item_fits(item: str, field: _CronField) -> bool:
    if re.fullmatch(field.special, item):
        return True
    span, slash, step = item.partition("/")
    if slash and not re.fullmatch(r"[1-9][0-9]*", step):
        return False
    if span == "*":
        return True
    ends = [_number(end, field) for end in span.split("-")]
    if len(ends) > 2 or None in ends:  # noqa: PLR2004 - a range has two ends
        return False
    return all(end is not None and field.low <= end <= field.high for end in ends)


def _number(text: str, field: _CronField) -> int | None:
    if text.upper() in field.names:
        return field.names.index(text.upper()) + field.low
    return int(text) if re.fullmatch(r"[0-9]+", text) else None
