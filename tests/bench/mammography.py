"""The mammography pipelines, promoted again and built cold, against the SDK's script.

Writes a project to a temporary folder; both sides call the same sandbox.
"""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from account import account, variables
from measure import Pair, Process, compare, measure

from promotion.build import build
from promotion.build.resolve import token_values
from promotion.config import load_workload

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[2]
PROMOTE = str(Path(sys.executable).with_name("promote"))
DIFFERENCES = 3


@dataclass(frozen=True)
class Found:
    """What was found.

    Attributes:
        again: promoting with nothing changed, against the SDK with its code.
        bare: the same, against the SDK's definitions alone.
        writes: mutating calls of one such promotion.
        cold: building without a cache.
    """

    again: Pair
    bare: Pair
    writes: int
    cold: Pair


def promote(*words: str, exit_code: int = 0) -> Process:
    """Return a command of ours."""
    return Process([PROMOTE, *words], exit_code)


def run(folder: Path) -> Found:
    """Time both, in a project that is written to the folder."""
    shutil.copytree(ROOT / "tests" / "environments", folder / "environments")
    shutil.copytree(ROOT / "pipelines", folder / "pipelines")
    values = _values(folder)
    with account(folder) as (sandbox, watch):
        environment = {**variables(sandbox), "SAGEMAKER_VALIDATE_ROLE": "false"}
        plan = ("plan", "dev", "--no-terraform")
        first = [
            promote("build"),
            promote(*plan, exit_code=DIFFERENCES),
            promote("apply", "build/plans/dev.plan", "--yes"),
        ]
        measure(first, folder, environment)
        script = [sys.executable, str(ROOT / "tests/bench/sdk.py"), str(folder), values]
        peer, delivering = [Process(script)], [Process([*script, str(folder / "code")])]
        again = [promote(*plan, "--build")]
        watch.start()
        measure(again, folder, environment)
        writes = sum(
            count for name, count in watch.answered.items() if not name.startswith(("Desc", "List"))
        )
        return Found(
            again=compare(again, delivering, folder, environment),
            bare=compare(again, peer, folder, environment),
            writes=writes,
            cold=compare([promote("build", "--no-cache")], peer, folder, environment),
        )


def _values(folder: Path) -> str:
    """Write the value of each token in dev to a file, and the code; return the file's path."""
    release = build(folder, "mammography", folder / "values")
    for name, body in release.code.items():
        file = folder / "code" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(body)
    path = folder / "values.json"
    values = token_values(release, load_workload(folder, "dev"))
    path.write_text(json.dumps(values), encoding="utf-8")
    return str(path)


def lines(found: Found) -> Sequence[str]:
    """Return the rows of the page's table."""
    again, peer = "promote again, nothing changed (`plan --build`)", "the SDK's build and `upsert`"
    return [
        row(again, found.again, "the SDK's build, upload of code and `upsert`", "at most 0.10"),
        row(again, found.bare, "that, without the code", "none"),
        row("build without cache, sealed and twice", found.cold, peer, "none"),
    ]


def row(title: str, pair: Pair, peer: str, target: str) -> str:
    """Return a row of the table of comparisons."""
    return (
        f"| {title} | {pair.ours.seconds:.2f} | {pair.ours.megabytes:.0f} | {peer} "
        f"| {pair.peer.seconds:.2f} | {pair.peer.megabytes:.0f} | {pair.ratio:.3g} | {target} |"
    )
