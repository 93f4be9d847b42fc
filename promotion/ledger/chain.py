"""The chain: each entry carries the digest of the one before it, and is known by its own.

Reads, writes and calls nothing. Standard library only.
"""

import hashlib
from dataclasses import dataclass

from promotion.ledger.check import RecordRefused
from promotion.ledger.record import Record, canonical

VERSION = 1
PLACE_DIGITS = 12
GENESIS = "0" * 64
"""Stands for the entry before the first."""

# DynamoDB takes items of 400 KB: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
# A reader of the whole ledger is served better by less.
MAXIMUM_BYTES = 131_072


class RecordTooLarge(RecordRefused):
    """The record is larger than the ledger takes."""


@dataclass(frozen=True)
class Entry:
    """A record in its place, as it is stored.

    Attributes:
        sequence: its place, from 1.
        digest: SHA-256 of the body, in hexadecimal.
        body: canonical JSON: the record, its place, its token, when it was recorded, and the
            digest of the entry before.
    """

    sequence: int
    digest: str
    body: str


@dataclass(frozen=True)
class Receipt:
    """What is stored beside an entry, under its token.

    Attributes:
        token: what the writer calls the fact; two entries never have the same.
        sequence: place of the entry.
        digest: digest of the entry.
    """

    token: str
    sequence: int
    digest: str


def place_of(sequence: int) -> str:
    """Return the place of an entry as text that sorts like the number."""
    return f"{sequence:0{PLACE_DIGITS}}"


def digest_of(body: str) -> str:
    """Return the digest of a body."""
    return hashlib.sha256(body.encode()).hexdigest()


def next_entry(last: Entry | None, record: Record, token: str, recorded_at: str) -> Entry:
    """Return the entry that follows.

    Args:
        last: the newest entry, or None in an empty ledger.
        record: the fact.
        token: what the writer calls the fact.
        recorded_at: the time of the writing, as `moments.timestamp` writes it.

    Raises:
        RecordTooLarge: the body has more than MAXIMUM_BYTES bytes.
    """
    sequence = last.sequence + 1 if last else 1
    body = canonical(
        {
            "version": VERSION,
            "sequence": sequence,
            "previous": last.digest if last else GENESIS,
            "recorded_at": recorded_at,
            "token": token,
            "record": record.document(),
        }
    )
    size_bytes = len(body.encode())
    if size_bytes > MAXIMUM_BYTES:
        raise RecordTooLarge(
            f"the record has {size_bytes} bytes, the ledger takes {MAXIMUM_BYTES}: shorten its "
            "details, and keep what is long in S3"
        )
    return Entry(sequence, digest_of(body), body)


def receipt_of(entry: Entry, token: str) -> Receipt:
    """Return the receipt of an entry."""
    return Receipt(token, entry.sequence, entry.digest)
