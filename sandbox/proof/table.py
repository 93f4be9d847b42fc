"""What the proof found, as a table on the terminal."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from rich import box
from rich.table import Table

from sandbox.proof.record import evidence_of

if TYPE_CHECKING:
    from rich.console import Console

    from sandbox.model import Document

_STYLES = {"live": "green", "replayed": "cyan", "reason": "yellow"}
_PROOFS = ("live", "replayed", "reason")


def show(console: Console, record: Document) -> None:
    """Print a row for each permission, and the counts of each account."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for column in ("account", "holder", "statement", "action", "proof", "needed to, or because"):
        table.add_column(column, overflow="fold")
    evidence = evidence_of(record)
    for permission, found in sorted(evidence.items()):
        style = _STYLES[found.proof]
        table.add_row(
            permission.account, permission.holder, permission.sid, permission.action,
            f"[{style}]{found.proof}[/{style}]", "; ".join(found.acts) or found.because,
        )  # fmt: skip
    console.print(table)
    counts: Counter[tuple[str, str]] = Counter(
        (each.account, found.proof) for each, found in evidence.items()
    )
    for account in sorted(record["accounts"]):
        told = ", ".join(f"{counts[account, proof]} {proof}" for proof in _PROOFS)
        console.print(f"{account}: {told}")
