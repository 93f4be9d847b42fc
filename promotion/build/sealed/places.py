"""Finds the line of a use case that is responsible for what is happening.

Reads the stacks of the running threads; writes and calls nothing.
"""

import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType, TracebackType


class Places:
    """Names lines of files below `pipelines/`.

    Args:
        folder: the folder `pipelines`, as the modules in it were imported from.
    """

    def __init__(self, folder: Path) -> None:
        """Keep the folder."""
        self._prefix = f"{folder}/"
        self._label = folder.name

    def current(self) -> str:
        """Return "pipelines/x/train.py:12" of the innermost use case line now running.

        A worker thread of a library has no such line; then the main thread's is meant.
        """
        frames = [sys._getframe()]
        main = sys._current_frames().get(threading.main_thread().ident or 0)
        if main is not None:
            frames.append(main)
        for frame in frames:
            for caller in _callers(frame):
                if named := self._name(caller.f_code.co_filename, caller.f_lineno):
                    return named
        return f"{self._label}/ (no line of a use case)"

    def of_traceback(self, traceback: TracebackType | None) -> str | None:
        """Return the innermost use case line of a traceback, or None."""
        found = None
        while traceback is not None:
            code = traceback.tb_frame.f_code
            found = self._name(code.co_filename, traceback.tb_lineno) or found
            traceback = traceback.tb_next
        return found

    def of_file(self, path: str, line: int | None) -> str | None:
        """Return the place of a line of a file, or None when it is no file of a use case."""
        return self._name(path, line or 0)

    def _name(self, path: str, line: int) -> str | None:
        if not path.startswith(self._prefix):
            return None
        return f"{self._label}/{path.removeprefix(self._prefix)}:{line}"


def passes_through(part: str) -> bool:
    """Return whether a running function of this thread is in a file whose path contains a part."""
    return any(part in frame.f_code.co_filename for frame in _callers(sys._getframe()))


def _callers(frame: FrameType) -> Iterator[FrameType]:
    caller: FrameType | None = frame
    while caller is not None:
        yield caller
        caller = caller.f_back
