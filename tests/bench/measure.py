"""Whole processes: how long each takes, and how much memory. Starts what it measures."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

RUNS = 5
LAUNCH = Path(__file__).with_name("launch.py")


@dataclass(frozen=True)
class Usage:
    """What processes took, one after the other.

    Attributes:
        seconds: wall time of all.
        megabytes: resident memory of the largest command, all of its processes together.
    """

    seconds: float
    megabytes: float


@dataclass(frozen=True)
class Pair:
    """What ours and a peer took, run in turn.

    Attributes:
        ours: medians.
        peer: medians.
        ratio: median of the paired ratios of wall time, ours to the peer's.
    """

    ours: Usage
    peer: Usage
    ratio: float


@dataclass(frozen=True)
class Process:
    """One command, and the exit code with which it has to end."""

    words: Sequence[str]
    exit_code: int = 0


def measure(commands: Sequence[Process], folder: Path, variables: Mapping[str, str]) -> Usage:
    """Run commands one after the other and return what they took.

    Args:
        commands: what to run.
        folder: where.
        variables: environment beside the PATH.
    """
    used = [_run(command, folder, variables) for command in commands]
    return Usage(sum(each.seconds for each in used), max(each.megabytes for each in used))


def compare(
    ours: Sequence[Process],
    peer: Sequence[Process],
    folder: Path,
    variables: Mapping[str, str],
    runs: int = RUNS,
) -> Pair:
    """Run both in turn (ours, the peer's, ours, ...), after one warm-up of each."""
    measure(ours, folder, variables), measure(peer, folder, variables)
    pairs = [
        (measure(ours, folder, variables), measure(peer, folder, variables)) for _ in range(runs)
    ]
    return Pair(
        median([mine for mine, _ in pairs]),
        median([theirs for _, theirs in pairs]),
        statistics.median(mine.seconds / theirs.seconds for mine, theirs in pairs),
    )


def median(usages: Sequence[Usage]) -> Usage:
    """Return the medians of what processes took."""
    return Usage(
        statistics.median(usage.seconds for usage in usages),
        statistics.median(usage.megabytes for usage in usages),
    )


def _run(command: Process, folder: Path, variables: Mapping[str, str]) -> Usage:
    done = subprocess.run(
        [sys.executable, str(LAUNCH), *command.words],
        cwd=folder,
        env={"PATH": os.environ["PATH"], **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    if found["exit_code"] != command.exit_code:
        raise SystemExit(f"{' '.join(command.words)[:200]} failed:\n{done.stderr[-2000:]}")
    return Usage(found["seconds"], found["megabytes"])
