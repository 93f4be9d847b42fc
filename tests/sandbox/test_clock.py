"""The virtual clock and the ways to write durations and times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sandbox.clock import VirtualClock, iso, parse_duration, parse_moment
from sandbox.model import SandboxError

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_move_to__later__time_goes_on_from_there() -> None:
    real = [NOON]
    clock = VirtualClock(lambda: real[0])
    clock.move_to(NOON + timedelta(days=1))
    real[0] += timedelta(seconds=5)
    assert clock.now() == NOON + timedelta(days=1, seconds=5)
    assert clock.offset_seconds == 86_400


def test_move_to__earlier__clock_stays() -> None:
    clock = VirtualClock(lambda: NOON)
    clock.move_to(NOON - timedelta(seconds=1))
    assert clock.now() == NOON


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("1d", timedelta(days=1)),
        ("2h", timedelta(hours=2)),
        ("30m", timedelta(minutes=30)),
        ("45s", timedelta(seconds=45)),
        ("1d12h", timedelta(days=1, hours=12)),
    ],
)
def test_parse_duration__valid__is_read(text: str, duration: timedelta) -> None:
    assert parse_duration(text) == duration


@pytest.mark.parametrize("text", ["", "1", "d", "0d", "-1d", "1w", "1 d", "1d,2h"])
def test_parse_duration__invalid__says_how_to_write_it(text: str) -> None:
    with pytest.raises(SandboxError) as caught:
        parse_duration(text)
    assert str(caught.value) == f"{text!r} is not a duration: write 1d, 2h, 30m, 45s or 1d12h"


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21T12:00:00Z",
        "2026-11-21T12:00:00",
        "2026-11-21T13:00:00+01:00",
        "2026-11-21 12:00",
    ],
)
def test_parse_moment__iso__is_utc(text: str) -> None:
    assert parse_moment(text) == NOON
    assert parse_moment(text).tzinfo is UTC


def test_parse_moment__other_text__says_how_to_write_it() -> None:
    with pytest.raises(SandboxError, match=r"^'tomorrow' is not a time: write 2026-11-21T06:00"):
        parse_moment("tomorrow")


def test_iso__other_zone__is_written_in_utc() -> None:
    assert iso(datetime.fromisoformat("2026-11-21T13:00:00.9+01:00")) == "2026-11-21T12:00:00Z"


@pytest.mark.parametrize("text", ["99999999999d", "999999999d", "73001d"])
def test_parse_duration__centuries__says_where_the_clock_ends(text: str) -> None:
    with pytest.raises(SandboxError) as caught:
        parse_duration(text)
    assert str(caught.value) == f"{text!r} is too long: the clock ends at 2199-12-31T23:59:59Z"


def test_parse_moment__outside_the_calendar__says_how_to_write_it() -> None:
    with pytest.raises(SandboxError, match="is not a time: write 2026-11-21T06:00:00Z"):
        parse_moment("9999-12-31T23:59:59-05:00")
