"""Ends a command in order when it is told to go: SIGTERM becomes what Ctrl-C is.

Jenkins ends an aborted build with SIGTERM; without this a command would die with its lock held.
Sets the process' handler of SIGTERM; calls nothing.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def ended_in_order() -> Iterator[None]:
    """Raise KeyboardInterrupt on SIGTERM for as long as the block runs.

    Only the main thread may run the block: Python hands signals to no other.
    """
    former = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, former)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
