"""The recorded proof of permissions is of today's policies, its page is fresh, a sample holds."""

from __future__ import annotations

import os
import secrets
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sandbox.proof import page
from sandbox.proof.reasons import FILE as REASONS
from sandbox.proof.reasons import load_reasons, reason_for
from sandbox.proof.record import FILE, evidence_of, read_record, unproven
from sandbox.proof.sampling import check_record, check_sample

if TYPE_CHECKING:
    from sandbox.proof.estate import Estate

ROOT = Path(__file__).resolve().parents[2]
# Removing goes on for so long, and for so many permissions at least.
SAMPLE_SECONDS = 20
SAMPLE_SIZE = 3
# What lets a service in without saying for whom, because AWS has no way to say it; each has its
# reason beside it in Terraform: EventBridge states neither key to SNS and KMS, and EC2 none at all.
FOR_ANYBODY = {"EventBridgeRules", "Ec2Instance"}
OWN_OR_SOURCE = {"aws:sourcearn", "aws:sourceaccount"}


def test_page__is_fresh() -> None:
    """docs/permissions.md is made of docs/permissions.json."""
    kept = (ROOT / page.FILE).read_text("utf-8")
    assert kept == page.render(read_record(ROOT / FILE)), "run `make docs`"


def test_record__every_permission__has_evidence() -> None:
    """Nothing is in the policies that is neither needed nor reasoned."""
    assert unproven(read_record(ROOT / FILE)) == []


def test_record__reasons__are_those_of_the_reviewed_list() -> None:
    """What counts by its reason only has that reason in the list, word for word."""
    reasons = load_reasons(ROOT / REASONS)
    recorded = evidence_of(read_record(ROOT / FILE))
    by_reason = {each: found.because for each, found in recorded.items() if found.because}
    assert by_reason == {each: reason_for(each, reasons) for each in by_reason}
    covered = [any(map(reason.covers, by_reason)) for reason in reasons]
    assert all(covered), "a reason is for nothing"


def test_record__services__are_let_in_for_one_source_or_account() -> None:
    """No statement lets a service act for somebody else's resources."""
    open_to_services = {
        statement["sid"]
        for policy in read_record(ROOT / FILE)["policies"]
        for statement in policy["statements"]
        if statement["effect"] == "Allow"
        and "Service" in dict(statement["elements"].get("Principal", {}))
        and OWN_OR_SOURCE.isdisjoint(
            key.lower()
            for keys in statement["elements"].get("Condition", {}).values()
            for key in keys
        )
    }
    assert open_to_services == FOR_ANYBODY


@pytest.mark.slow
@pytest.mark.xdist_group("estate")
def test_record__of_the_estate_of_today__misses_nothing_and_has_nothing_stale(
    estate: Estate,
) -> None:
    """Every statement that Terraform makes today is recorded as it is, and no other."""
    assert check_record(estate, read_record(ROOT / FILE)) == [], "run `make prove-permissions`"


@pytest.mark.slow
@pytest.mark.xdist_group("estate")
def test_sample__of_the_record__is_missed_when_removed(estate: Estate) -> None:
    """Recorded permissions, drawn at random, are removed: the act that needs each one fails."""
    seed = os.environ.get("PROOF_SEED") or secrets.token_hex(4)
    sys.stderr.write(f"PROOF_SEED={seed} draws the same permissions again\n")
    end = time.monotonic() + SAMPLE_SECONDS
    drawn: list[int] = []

    def more(done: int) -> bool:
        drawn.append(done)
        return done < SAMPLE_SIZE or time.monotonic() < end

    assert check_sample(estate, read_record(ROOT / FILE), seed, more) == []
    assert len(drawn) > SAMPLE_SIZE, "the record has too few live permissions to draw from"
    assert not estate.sandbox.authorizer.without
