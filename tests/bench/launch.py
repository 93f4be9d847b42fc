"""Runs a command and prints what it took: `launch.py COMMAND...`.

A process starts with the memory of whoever started it as its peak; this one is small. Memory is the
largest sum of the peaks of the command's processes that live at one time: a little more than they
can have had together.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

EVERY_SECONDS = 0.05


def main(words: list[str]) -> None:
    """Run the command; print exit code, seconds and peak memory (megabytes) as JSON."""
    started = time.perf_counter()
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
    watched = Watched(process.pid)
    watched.start()
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    watched.ended.set()
    watched.join()
    process.returncode = os.waitstatus_to_exitcode(status)
    found = {
        "exit_code": process.returncode,
        "seconds": seconds,
        "megabytes": max(used.ru_maxrss, watched.kilobytes) / 1024,
    }
    sys.stdout.write(json.dumps(found))


class Watched(threading.Thread):
    """Adds up the peak memory of a process and its descendants, again and again."""

    def __init__(self, pid: int) -> None:
        super().__init__()
        self.pid = pid
        self.kilobytes = 0
        self.ended = threading.Event()

    def run(self) -> None:
        """Look until the process has ended."""
        while not self.ended.wait(EVERY_SECONDS):
            self.kilobytes = max(self.kilobytes, peak_kilobytes(self.pid))


def peak_kilobytes(pid: int) -> int:
    """Return the sum of a process's peak (VmHWM, proc_pid_status(5)) and its descendants'."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
        threads = Path(f"/proc/{pid}/task").glob("*/children")
        children = [child for each in threads for child in each.read_text(encoding="utf-8").split()]
    except (FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
        return 0
    own = next((line for line in status.splitlines() if line.startswith("VmHWM:")), "VmHWM: 0 kB")
    return int(own.split()[1]) + sum(peak_kilobytes(int(child)) for child in children)


if __name__ == "__main__":
    main(sys.argv[1:])
