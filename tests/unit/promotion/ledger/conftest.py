"""A ledger in memory."""

from collections.abc import Callable, Sequence

import pytest

from promotion.ledger.chain import Entry, Receipt, next_entry, receipt_of
from promotion.ledger.record import Record

Chain = tuple[list[Entry], list[Receipt]]
DEPLOY = "arn:aws:sts::333333333333:assumed-role/cross-account-jenkins-role/promote"


def fact(**values: object) -> Record:
    """Return a record; what a test does not care about has a value that fits."""
    given = {
        "kind": "apply",
        "at": "2026-01-02T06:00:00.000000Z",
        "actor": DEPLOY,
        "account_id": "333333333333",
        "environment": "dev",
        **values,
    }
    return Record(**given)  # type: ignore[arg-type]


@pytest.fixture
def chain() -> Callable[[Sequence[str]], Chain]:
    """Return what writes a chain with one entry for each reason."""

    def write(reasons: Sequence[str]) -> Chain:
        entries: list[Entry] = []
        receipts: list[Receipt] = []
        for index, reason in enumerate(reasons):
            token = f"stated/{index}"
            last = entries[-1] if entries else None
            entries.append(
                next_entry(last, fact(reason=reason), token, "2026-01-02T06:00:01.000000Z")
            )
            receipts.append(receipt_of(entries[-1], token))
        return entries, receipts

    return write


@pytest.fixture
def record() -> Callable[..., Record]:
    """Return what makes a record."""
    return fact
