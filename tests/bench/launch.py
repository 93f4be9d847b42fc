"""Runs a command and prints what it took: `launch.py COMMAND...`.

A process starts with the memory of whoever started it as its peak; this one is small.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time


def main(words: list[str]) -> None:
    """Run the command; print exit code, seconds and peak memory (megabytes) as JSON."""
    started = time.perf_counter()
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    found = {
        "exit_code": process.returncode,
        "seconds": seconds,
        "megabytes": used.ru_maxrss / 1024,
    }
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1:])
