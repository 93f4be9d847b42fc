"""Times the platform against stated peers: `make bench` writes docs/benchmarks.md.

`make bench ARGS=--many-rows` also profiles 50 million rows, which needs 6 GB of disk;
`ARGS=--profiles` times the profiles only, and prints them instead of writing the page.

Runs whole processes in turn (ours, the peer's, ours, ...), so that a machine whose speed drifts
does not favour one of them; quotes medians and the median of the paired ratios.
"""

import os
import platform
import sys
import tempfile
from pathlib import Path

import fleets
import mammography
import profiling
from measure import RUNS, Process, compare

PAGE = mammography.ROOT / "docs" / "benchmarks.md"
# The machine is told beside the numbers: on one that does other work they mean little.
BUSY = 2.0
COLUMNS = (
    "| what | ours, s | peak, MB | peer | peer, s | peak, MB | ratio | target |",
    "|---|---|---|---|---|---|---|---|",
)


def start(folder: Path) -> str:
    """Time the start of the command."""
    ours = [Process([mammography.PROMOTE, "--help"])]
    peer = [Process([sys.executable, "-c", "import typer, rich"])]
    pair = compare(ours, peer, folder, {})
    return mammography.row("start of the command", pair, "`import typer, rich`", "at most 1.50")


def profiles(folder: Path) -> profiling.Found:
    """Time the data-quality step."""
    return profiling.run(folder / "profiling", with_many="--many-rows" in sys.argv)


def page(folder: Path) -> list[str]:
    """Time everything and return the page."""
    load = os.getloadavg()[0]
    rows = [start(folder)]
    profiled = profiles(folder)
    promoted = mammography.run(folder / "mammography")
    found = [fleets.run(folder / str(size), size) for size in fleets.SIZES]
    busy = f"; the machine was busy (load {load:.0f} at the start)" if load > BUSY else ""
    return [
        "# Benchmarks",
        "",
        "Written by `make bench`. Both sides are whole processes that call the same sandbox, which "
        f"serves on the same machine: {os.cpu_count()} cores, Python {platform.python_version()}"
        f"{busy}.",
        "",
        "## Against peers",
        "",
        f"Medians of {RUNS} runs (profiles: {profiling.RUNS}) after one warm-up, ours and the "
        "peer's in turn; the sum of the peak memory of the processes that run at one time; the "
        "median of the paired ratios.",
        "",
        *COLUMNS,
        *rows,
        *mammography.lines(promoted),
        *profiling.lines(profiled),
        "",
        "The bare DuckDB query does less than the profile: five approximate quantiles, and no file "
        "is written. pandas writes the same files with the same figures, which a test compares "
        "(`tests/pipelines/mammography/test_data_quality_peers.py`), its distributions exact.",
        "",
        f"Promoting again made {promoted.writes} writes; the target is 0. It asks S3 for the "
        "checksums of the steps' code, wheels of 21 MB among it, and finds all there; the SDK "
        "uploads what local paths a step names whenever it builds (`sagemaker.core.processing`), "
        "which the script does in one go. The row after it leaves that out.",
        "",
        profiling.memory(profiled),
        "",
        "## Fleets",
        "",
        "Use cases of two pipelines each, some twelve kilobytes of JSON a definition, in one "
        "account: a plan with nothing changed, and in turn the same with one call in "
        f"{fleets.EVERY} throttled, medians of {fleets.RUNS}; an apply of ten changed pipelines of "
        "five releases, of which each is told to the ledger by a function that the sandbox starts "
        "anew. Targets for 1,000: a plan under 20 s and 400 MB, at most one read a pipeline beside "
        "the pages of the list, twice the time when throttled, ten updates.",
        "",
        *fleets.lines(found),
        "",
    ]


def main() -> None:
    """Time everything and write the page."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        if "--profiles" in sys.argv:
            found = profiles(Path(folder))
            lines = [*COLUMNS, *profiling.lines(found), "", profiling.memory(found), ""]
            sys.stdout.write("\n".join(lines))
            return
        lines = page(Path(folder))
    PAGE.write_text("\n".join(lines), encoding="utf-8")
    sys.stdout.write(PAGE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
