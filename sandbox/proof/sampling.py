"""Proving a sample of the record again, and that the record is of today's policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.proof import prove
from sandbox.proof.live import prove_alone
from sandbox.proof.policies import all_permissions
from sandbox.proof.record import differences, evidence_of, unproven
from sandbox.proof.sample import shuffled

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.model import Document
    from sandbox.proof.estate import Estate


def check_record(estate: Estate, record: Document) -> list[str]:
    """Return how a record differs from the estate's policies; empty when it is fresh."""
    return differences(record, prove.today(estate)) + unproven(record)


def check_sample(
    estate: Estate, record: Document, seed: str, more: Callable[[int], bool]
) -> list[str]:
    """Remove recorded permissions one after the other; return those that no act misses.

    Drawn from those that are recorded as live with an act that takes seconds.

    Args:
        estate: The accounts, with their ground laid; nothing stays removed.
        record: The recorded proof.
        seed: Decides which permissions are drawn.
        more: Asked before each with the number of those that are done.
    """
    permissions = all_permissions(prove.today(estate))
    acts = {act.name: act for act in prove.all_acts()}
    live = {
        permission: found.by
        for permission, found in evidence_of(record).items()
        if found.by in acts and permission in permissions
    }
    problems = []
    for number, permission in enumerate(shuffled(live, seed)):
        if not more(number):
            break
        act = acts[live[permission]]
        if not prove_alone(estate, act, permission, permissions[permission]):
            problems.append(f"not missed when asked to {act.name}: {permission.name}")
    return problems
