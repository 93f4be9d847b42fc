"""Proves that nothing was removed from the ledger, altered in it or put between.

Reads, writes and calls nothing. Standard library only.

The chain binds every entry to all before it; the receipt of an entry binds the newest ones too,
which no later entry names yet. Whoever can delete both at the end of the ledger is found out by a
head that was noted elsewhere: see `Head`.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from promotion.ledger.chain import GENESIS, Entry, Receipt, digest_of
from promotion.ledger.record import canonical


@dataclass(frozen=True)
class Head:
    """A place of the ledger and the digest that stood there, noted outside of it."""

    sequence: int
    digest: str

    def __str__(self) -> str:
        """Return the head as people note it down."""
        return f"{self.sequence}:{self.digest}"


@dataclass(frozen=True)
class Fault:
    """Something that is wrong.

    Attributes:
        sequence: the entry that shows it.
        problem: what is wrong, in words.
    """

    sequence: int
    problem: str

    def __str__(self) -> str:
        """Return the fault in words."""
        return f"entry {self.sequence}: {self.problem}"


def verify(
    entries: Sequence[Entry], receipts: Sequence[Receipt], noted: Head | None = None
) -> tuple[Fault, ...]:
    """Return all faults; none when the ledger is whole.

    Args:
        entries: all entries, in the order of the table, the oldest first.
        receipts: all receipts, in any order.
        noted: a head that was noted earlier, outside of the ledger.
    """
    documents = [_document(entry) for entry in entries]
    return (
        *_places(entries),
        *_bodies(entries, documents),
        *_links(entries, documents),
        *_receipts(entries, documents, receipts),
        *_noted(entries, noted),
    )


def _document(entry: Entry) -> Mapping[str, Any] | None:
    try:
        document = json.loads(entry.body)
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def _places(entries: Sequence[Entry]) -> Iterator[Fault]:
    expected = 1
    for entry in entries:
        if entry.sequence > expected:
            last = entry.sequence - 1
            missing = f"entry {last}" if last == expected else f"entries {expected} to {last}"
            yield Fault(entry.sequence, f"removed before it: {missing}")
        elif entry.sequence < expected:
            yield Fault(entry.sequence, f"stands where entry {expected} should")
        expected = entry.sequence + 1


def _bodies(
    entries: Sequence[Entry], documents: Sequence[Mapping[str, Any] | None]
) -> Iterator[Fault]:
    for entry, document in zip(entries, documents, strict=True):
        if digest_of(entry.body) != entry.digest:
            yield Fault(entry.sequence, "altered: its text does not give its digest")
        if document is None:
            yield Fault(entry.sequence, "altered: its text is no JSON object")
        elif canonical(document) != entry.body:
            yield Fault(entry.sequence, "altered: its text is not in canonical form")
        elif document.get("sequence") != entry.sequence:
            yield Fault(
                entry.sequence, f"forged: its text was written as entry {document.get('sequence')}"
            )


def _links(
    entries: Sequence[Entry], documents: Sequence[Mapping[str, Any] | None]
) -> Iterator[Fault]:
    before = Head(0, GENESIS)
    for entry, document in zip(entries, documents, strict=True):
        if document is not None and document.get("previous") != before.digest:
            what = f"entry {before.sequence}" if before.sequence else "the beginning"
            yield Fault(entry.sequence, f"does not follow {what} as it stands now")
        before = Head(entry.sequence, entry.digest)


def _receipts(
    entries: Sequence[Entry],
    documents: Sequence[Mapping[str, Any] | None],
    receipts: Sequence[Receipt],
) -> Iterator[Fault]:
    by_sequence: dict[int, list[Receipt]] = {}
    for receipt in receipts:
        by_sequence.setdefault(receipt.sequence, []).append(receipt)
    for entry, document in zip(entries, documents, strict=True):
        found = by_sequence.pop(entry.sequence, [])
        token = document.get("token") if document else None
        if not found:
            yield Fault(entry.sequence, "its receipt is missing")
        for receipt in found:
            if (receipt.token, receipt.digest) != (token, entry.digest):
                yield Fault(entry.sequence, f"its receipt {receipt.token!r} is of another entry")
    for sequence, left in by_sequence.items():
        for receipt in left:
            yield Fault(sequence, f"removed: its receipt {receipt.token!r} is still there")


def _noted(entries: Sequence[Entry], noted: Head | None) -> Iterator[Fault]:
    if noted is None:
        return
    found = next((entry for entry in entries if entry.sequence == noted.sequence), None)
    if found is None:
        yield Fault(noted.sequence, "removed: it was noted and is not there any more")
    elif found.digest != noted.digest:
        yield Fault(noted.sequence, "altered: its digest is not the one that was noted")
