"""Notes which files below `pipelines/` a build opens.

Reads and writes nothing. `Reads.install` changes this interpreter for good: an audit hook cannot
be removed.
"""

import os
import sys
from pathlib import Path
from typing import Any


class Reads:
    """The files that were opened.

    Args:
        folder: the folder `pipelines`.

    Attributes:
        names: their paths in the folder.
    """

    def __init__(self, folder: Path) -> None:
        """Start with none."""
        self.names: set[str] = set()
        self._prefix = f"{os.path.realpath(folder)}/"

    def install(self) -> None:
        """Take notes until the interpreter ends."""
        sys.addaudithook(self._audit)

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        # https://docs.python.org/3/library/audit_events.html; an open file's number is no path.
        if event == "open" and isinstance(arguments[0], str):
            path = os.path.realpath(arguments[0])
            if path.startswith(self._prefix):
                self.names.add(path.removeprefix(self._prefix))
