"""Times the platform against stated peers: `make bench` writes docs/benchmarks.md.

Runs whole processes in turn (ours, the peer's, ours, ...), so that a machine whose speed drifts
does not favour one of them; quotes medians and the median of the paired ratios.
"""

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "benchmarks.md"
RUNS = 5
PROMOTE = str(Path(sys.executable).with_name("promote"))
DEFINITIONS = (
    "from pipelines.mammography import train, inference;"
    "train.pipeline().definition(); inference.pipeline().definition()"
)
# What the SDK needs to make definitions without AWS answering: any answer will do.
OFFLINE = """
import botocore.awsrequest, botocore.endpoint
def send(self, request):
    body = b'<R><GetCallerIdentityResult><Account>1</Account></GetCallerIdentityResult></R>'
    answer = botocore.awsrequest.AWSResponse(request.url, 200, {}, None)
    answer._content = body
    return answer
botocore.endpoint.Endpoint._send = send
"""


@dataclass(frozen=True)
class Comparison:
    """What is timed, and against what.

    Attributes:
        title: What both commands do.
        ours: Our command.
        peer: The peer's command.
        peer_name: How the page calls the peer.
        target: What we want of the ratio.
    """

    title: str
    ours: Sequence[str]
    peer: Sequence[str]
    peer_name: str
    target: str


def comparisons(folder: Path) -> list[Comparison]:
    """Return what is compared; releases go to ``folder``."""
    return [
        Comparison(
            "start of the command",
            [PROMOTE, "--help"],
            [sys.executable, "-c", "import typer, rich"],
            "`import typer, rich`",
            "at most 1.5",
        ),
        Comparison(
            "build of both mammography pipelines, sealed and twice",
            [PROMOTE, "build", "mammography", "--out", str(folder)],
            [sys.executable, "-c", OFFLINE + DEFINITIONS],
            "the SDK's `definition()` of both, once",
            "at most 3",
        ),
    ]


def seconds(command: Sequence[str]) -> float:
    """Return the wall time of a command that has to succeed."""
    credentials = dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "bench")
    region = {"AWS_DEFAULT_REGION": "eu-west-1", "SAGEMAKER_VALIDATE_ROLE": "false"}
    started = time.perf_counter()
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, **credentials, **region},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)[:200]} failed:\n{done.stderr[-2000:]}")
    return time.perf_counter() - started


def row(comparison: Comparison) -> str:
    """Time a comparison and return its row of the page's table."""
    seconds(comparison.ours), seconds(comparison.peer)
    pairs = [(seconds(comparison.ours), seconds(comparison.peer)) for _ in range(RUNS)]
    ours, peer = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(mine / theirs for mine, theirs in pairs)
    return (
        f"| {comparison.title} | {ours:.2f} | {comparison.peer_name} | {peer:.2f} "
        f"| {ratio:.2f} | {comparison.target} |"
    )


def main() -> None:
    """Time everything and write the page."""
    with tempfile.TemporaryDirectory() as folder:
        rows = [row(comparison) for comparison in comparisons(Path(folder))]
    lines = [
        "# Benchmarks",
        "",
        f"Written by `make bench`: medians of {RUNS} runs of whole processes after one warm-up, "
        f"ours and the peer's in turn; Python {platform.python_version()}, {os.cpu_count()} cores.",
        "",
        "| what | ours, s | peer | peer, s | ratio | target |",
        "|---|---|---|---|---|---|",
        *rows,
        "",
    ]
    PAGE.write_text("\n".join(lines), encoding="utf-8")
    sys.stdout.write(PAGE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
