"""The words that the report has for values."""

from __future__ import annotations

import pytest

from sandbox.demo import formats


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "—"),
        (0.0, "0.0 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 00 s"),
        (192.4, "3 min 12 s"),
        (3720, "1 h 02 min"),
    ],
)
def test_duration(seconds: float | None, text: str) -> None:
    assert formats.duration(seconds) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "—"), (float("nan"), "—"), (0.87314, "0.873"), (1234567, "1,234,567"), (0, "0")],
)
def test_figure(value: float | None, text: str) -> None:
    assert formats.figure(value) == text


def test_times__of_any_zone__are_shown_in_utc() -> None:
    assert formats.moment("2026-11-02T01:30:00+02:00") == "1 Nov 2026, 23:30"
    assert formats.day("2026-11-02T01:30:00+02:00") == "Sun 1 Nov 2026"
    assert formats.clock("2026-11-02T06:00:00Z") == "06:00"
    assert formats.moment("2026-11-02T06:00:00") == "2 Nov 2026, 06:00"


def test_times__that_are_none__stay_as_they_are() -> None:
    assert formats.moment("yesterday") == "yesterday"
    assert formats.day("yesterday") == "yesterday"
    assert formats.clock("yesterday") == "—"


def test_statuses__have_a_tone_and_a_word() -> None:
    told = [(formats.tone(status), formats.word(status)) for status in (
        "ok", "Succeeded", "PendingManualApproval", "NotExecuted", "Rejected", "something else", "",
    )]  # fmt: skip
    assert told == [
        ("ok", "Done"),
        ("ok", "Succeeded"),
        ("waiting", "Pending approval"),
        ("skipped", "Not executed"),
        ("failed", "Rejected"),
        ("info", "Something else"),
        ("info", ""),
    ]
    assert set(formats.TONES.values()) | {"info"} == set(formats.GLYPHS)


def test_share_and_metric() -> None:
    assert (formats.share(0.4567), formats.share(None)) == ("45.7 %", "—")
    assert (formats.metric("pr_auc"), formats.metric("log_loss")) == ("PR AUC", "Log loss")


def test_printable__leaves_other_values_alone() -> None:
    assert formats.printable(3) == 3
    assert formats.printable(None) == "—"
    assert formats.printable("a\x1b[1;31mb\x07\tc\n") == "ab\tc\n"
