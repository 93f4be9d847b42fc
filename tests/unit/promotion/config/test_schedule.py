"""Schedule expressions as EventBridge takes them."""

import pytest

from promotion.config.schedule import schedule_problem


@pytest.mark.parametrize(
    "expression",
    [
        "cron(0 6 * * ? *)",
        "cron(0/15 8-17 ? * MON-FRI 2026)",
        "cron(0,30 0 L * ? *)",
        "cron(0 0 15W JAN,JUL ? 2026-2030)",
        "cron(0 10 ? * 6#3 *)",
        "cron(0 10 ? * 5L *)",
        "rate(1 day)",
        "rate(12 hours)",
    ],
)
def test_schedule__valid_expression__has_no_problem(expression: str) -> None:
    assert schedule_problem(expression) is None


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        (
            "cron(0 6 * * *)",
            "cron has 6 fields (minutes, hours, day of month, month, day of week, year), not 5",
        ),
        ("cron(60 6 * * ? *)", "'60' does not fit the field 'minutes'"),
        ("cron(0 25 * * ? *)", "'25' does not fit the field 'hours'"),
        ("cron(0 6 * FOO ? *)", "'FOO' does not fit the field 'month'"),
        ("cron(0/0 6 * * ? *)", "'0/0' does not fit the field 'minutes'"),
        ("cron(0 1-2-3 * * ? *)", "'1-2-3' does not fit the field 'hours'"),
        ("cron(0 6 * * * *)", "exactly one of day of month and day of week is '?'"),
        ("cron(0 6 ? * ? *)", "exactly one of day of month and day of week is '?'"),
        ("rate(1 days)", "write rate(1 day)"),
        ("rate(2 day)", "write rate(2 days)"),
        (
            "rate(0 days)",
            "a rate is a positive whole number and minutes, hours or days, as in rate(2 hours)",
        ),
    ],
)
def test_schedule__invalid_expression__says_what_is_wrong(expression: str, problem: str) -> None:
    assert schedule_problem(expression) == problem
