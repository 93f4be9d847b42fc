"""The moved clock of the second build."""

import datetime

from promotion.build.sealed.clock import shifted_datetime

SHIFT_SECONDS = 400 * 86400


def test_shifted_datetime__now_and_today__are_moved() -> None:
    shifted = shifted_datetime(SHIFT_SECONDS)
    shift = datetime.timedelta(seconds=SHIFT_SECONDS)
    second = datetime.timedelta(seconds=1)
    now = datetime.datetime.now(datetime.UTC)
    assert abs(shifted.datetime.now(datetime.UTC) - now - shift) < second
    assert abs(shifted.datetime.utcnow().replace(tzinfo=datetime.UTC) - now - shift) < second
    assert abs(shifted.datetime.today() - datetime.datetime.now() - shift) < second
    assert shifted.date.today() == (datetime.datetime.now() + shift).date()


def test_shifted_datetime__values_of_the_real_module__are_still_instances() -> None:
    shifted = shifted_datetime(SHIFT_SECONDS)
    real = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    assert isinstance(real, shifted.datetime)
    assert isinstance(real.date(), shifted.date)
    assert not isinstance("2026", shifted.datetime)
    assert shifted.datetime(2026, 1, 1, tzinfo=shifted.UTC) == real
