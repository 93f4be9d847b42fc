"""Proving a sample of the record again, and that the record is of today's policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.proof import prove
from sandbox.proof.live import prove_alone
from sandbox.proof.policies import all_permissions
from sandbox.proof.record import differences, evidence_of, unproven
from sandbox.proof.sample import sample

if TYPE_CHECKING:
    from sandbox.model import Document
    from sandbox.proof.estate import Estate


def check_sample(estate: Estate, record: Document, size: int) -> list[str]:
    """Return what is wrong with the record; empty when the sample holds.

    Args:
        estate: The accounts, with their ground laid.
        record: The recorded proof.
        size: How many permissions to remove, one after the other.
    """
    policies = prove.today(estate)
    problems = differences(record, policies) + unproven(record)
    permissions = all_permissions(policies)
    acts = {act.name: act for act in prove.all_acts()}
    live = {
        permission: next(name for name in found.acts if name in acts)
        for permission, found in evidence_of(record).items()
        if found.proof == "live" and acts.keys() & set(found.acts) and permission in permissions
    }
    for permission in sample(live, size):
        act = acts[live[permission]]
        if not prove_alone(estate, act, permission, permissions[permission]):
            problems.append(f"not missed when asked to {act.name}: {permission.name}")
    return problems
