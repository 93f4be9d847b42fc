"""Moves the clock of this interpreter, so that two builds at the same moment see two times.

Reads the real clock. `time` moves for everyone; `datetime` only for the modules of use cases
(`modules.py`), because libraries compare its classes by identity.
"""

import datetime
import time
import types
from collections.abc import Callable
from typing import Any


def shift_time(seconds: int) -> None:
    """Move what the module `time` says about now, in this interpreter and for good."""
    real_time, real_time_ns = time.time, time.time_ns
    # setattr, because to a type checker a module's functions are not to be assigned to.
    setattr(time, "time", lambda: real_time() + seconds)
    setattr(time, "time_ns", lambda: real_time_ns() + seconds * 10**9)
    for name in ("gmtime", "localtime", "ctime"):
        setattr(time, name, _from_now(getattr(time, name)))
    for name in ("strftime", "asctime"):
        setattr(time, name, _with_moment(getattr(time, name), name == "strftime"))


def _from_now(real: Callable[[float], Any]) -> Callable[..., Any]:
    def shifted(moment: float | None = None) -> Any:
        return real(time.time() if moment is None else moment)

    return shifted


def _with_moment(real: Callable[..., Any], has_format: bool) -> Callable[..., Any]:
    given = 1 if has_format else 0

    def shifted(*arguments: Any) -> Any:
        return real(*arguments, *(() if len(arguments) > given else (time.localtime(),)))

    return shifted


def shifted_datetime(seconds: int) -> types.ModuleType:
    """Return a module like `datetime` whose now and today are moved."""
    shift = datetime.timedelta(seconds=seconds)
    module = types.ModuleType("datetime")
    vars(module).update(vars(datetime))

    class _AnyDatetime(type):
        def __instancecheck__(cls, instance: object) -> bool:
            return isinstance(instance, datetime.datetime)

    class _AnyDate(type):
        def __instancecheck__(cls, instance: object) -> bool:
            return isinstance(instance, datetime.date)

    class Datetime(datetime.datetime, metaclass=_AnyDatetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> Any:
            return super().now(tz) + shift

        @classmethod
        def utcnow(cls) -> Any:
            return super().now(datetime.UTC).replace(tzinfo=None) + shift

        @classmethod
        def today(cls) -> Any:
            return super().now() + shift

    class Date(datetime.date, metaclass=_AnyDate):
        @classmethod
        def today(cls) -> Any:
            return (datetime.datetime.now() + shift).date()

    vars(module).update(datetime=Datetime, date=Date)
    return module
